// Package base62 writes and reads numbers as django.core.signing's b62_encode and b62_decode do.
package base62

import (
	"errors"
	"math"
	"math/big"
	"strings"
)

// Digits is Django's order of the digits.
const Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Err reports a text that is not a base62 number, or for Decode one that does not fit an int64.
var Err = errors.New("base62: not a base62 number of 64 bits")

// Append appends n to dst, without leading zeros and with "-" before a negative number.
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
	n, large, err := parse(s)
	if large == nil {
		return n, err
	}
	if !large.IsInt64() {
		return 0, Err
	}
	return large.Int64(), nil
}

// Float reads a number of any size as the float64 that Python's arithmetic makes of it. It is infinite where Python
// raises an OverflowError.
func Float(s string) (float64, error) {
	n, large, err := parse(s)
	if large == nil {
		return float64(n), err
	}
	f, _ := new(big.Float).SetInt(large).Float64()
	return f, nil
}

// parse returns the number in s, as large if it may not fit an int64.
func parse(s string) (n int64, large *big.Int, err error) {
	digits, negative := strings.CutPrefix(s, "-")
	if s == "" {
		return 0, nil, Err
	}
	for i := range len(digits) {
		d := digit(digits[i])
		switch {
		case d < 0:
			return 0, nil, Err
		case large == nil && n <= (math.MaxInt64-61)/62:
			n = n*62 + d
			continue
		case large == nil:
			large = big.NewInt(n)
		}
		if large.BitLen() <= 1024 { // beyond that it exceeds every float64
			large.Add(large.Mul(large, big.NewInt(62)), big.NewInt(d))
		}
	}
	if negative && large != nil {
		large.Neg(large)
	} else if negative {
		n = -n
	}
	return n, large, nil
}

// digit returns the value of c, or -1 if it is not a digit.
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
