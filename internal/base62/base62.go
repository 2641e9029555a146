// Package base62 writes and reads numbers as django.core.signing's b62_encode and b62_decode do.
package base62

import (
	"errors"
	"math/big"
	"strings"
)

// Digits is Django's order of the digits.
const Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Err reports a text that is not a base62 number, or for Decode one that does not fit an int64.
var Err = errors.New("base62: not a base62 number of 64 bits")

// Encode returns n without leading zeros, with "-" before a negative number.
func Encode(n int64) string { return string(Append(nil, n)) }

// Append appends Encode(n) to dst.
func Append(dst []byte, n int64) []byte {
	magnitude := uint64(n)
	if n < 0 {
		dst = append(dst, '-')
		magnitude = -magnitude
	}
	var digits [11]byte // 62^11 exceeds 2^63
	i := len(digits)
	for {
		i--
		digits[i] = Digits[magnitude%62]
		if magnitude /= 62; magnitude == 0 {
			return append(dst, digits[i:]...)
		}
	}
}

// Decode reads what b62_decode reads: one "-" is a sign, leading zeros are ignored, and "-" alone is 0.
func Decode(s string) (int64, error) {
	small, large, err := parse(s)
	switch {
	case err != nil || large == nil:
		return small, err
	case !large.IsInt64():
		return 0, Err
	}
	return large.Int64(), nil
}

// Float reads a number of any size as the float64 that Python's arithmetic makes of it. It is infinite where Python
// raises an OverflowError.
func Float(s string) (float64, error) {
	small, large, err := parse(s)
	if large == nil {
		return float64(small), err
	}
	f, _ := new(big.Float).SetInt(large).Float64()
	return f, nil
}

// parse returns the number in s, as large if it may not fit an int64.
func parse(s string) (small int64, large *big.Int, err error) {
	digits, negative := strings.CutPrefix(s, "-")
	for i := range len(digits) {
		if digit(digits[i]) < 0 {
			return 0, nil, Err
		}
	}
	if s == "" {
		return 0, nil, Err
	}
	digits = strings.TrimLeft(digits, "0")
	sign := int64(1)
	if negative {
		sign = -1
	}
	if len(digits) <= 10 {
		for i := range len(digits) {
			small = small*62 + digit(digits[i])
		}
		return sign * small, nil, nil
	}
	// Beyond 173 digits every number exceeds a float64.
	digits = digits[:min(len(digits), 200)]
	large, base := new(big.Int), big.NewInt(62)
	for i := range len(digits) {
		large.Mul(large, base).Add(large, big.NewInt(digit(digits[i])))
	}
	return 0, large.Mul(large, big.NewInt(sign)), nil
}

// digit returns the value of c, -1 if it is not a digit.
func digit(c byte) int64 {
	switch {
	case '0' <= c && c <= '9':
		return int64(c - '0')
	case 'A' <= c && c <= 'Z':
		return int64(c-'A') + 10
	case 'a' <= c && c <= 'z':
		return int64(c-'a') + 36
	}
	return -1
}
