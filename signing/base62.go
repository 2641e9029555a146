package signing

import (
	"math"
	"math/big"
	"strings"
)

// base62Digits is Django's order: digits, upper case, lower case.
const base62Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

const notBase62 = 0xff

var base62Value = func() (table [256]byte) {
	for i := range table {
		table[i] = notBase62
	}
	for i := range len(base62Digits) {
		table[base62Digits[i]] = byte(i)
	}
	return table
}()

// EncodeBase62 writes n as django.core.signing.b62_encode does: no leading zeros, "-" before a negative number.
func EncodeBase62(n int64) string { return string(appendBase62(nil, n)) }

func appendBase62(dst []byte, n int64) []byte {
	var digits [11]byte // 62^11 exceeds 2^63
	magnitude := uint64(n)
	if n < 0 {
		dst = append(dst, '-')
		magnitude = -magnitude
	}
	i := len(digits)
	for {
		i--
		digits[i] = base62Digits[magnitude%62]
		if magnitude /= 62; magnitude == 0 {
			return append(dst, digits[i:]...)
		}
	}
}

// DecodeBase62 reads what django.core.signing.b62_decode reads, its oddities included: one "-" is a sign, leading zeros
// count for nothing, and "-" alone is 0. An empty text or a foreign character is ErrBase62. So is a number beyond an
// int64; Python's integers have no such bound.
func DecodeBase62(s string) (int64, error) {
	digits, negative, ok := splitBase62(s)
	if !ok || len(digits) > 11 {
		return 0, ErrBase62
	}
	// Eleven digits stay below 2^66, so that the tenth cannot overflow yet.
	var magnitude uint64
	for i := range len(digits) {
		if magnitude > (math.MaxUint64-61)/62 {
			return 0, ErrBase62
		}
		magnitude = magnitude*62 + uint64(base62Value[digits[i]])
	}
	switch {
	case negative && magnitude <= 1<<63:
		return int64(-magnitude), nil
	case !negative && magnitude <= math.MaxInt64:
		return int64(magnitude), nil
	}
	return 0, ErrBase62
}

// base62Seconds reads a timestamp of any size as the float64 that Python's arithmetic makes of it. It is infinite where
// Python raises an OverflowError.
func base62Seconds(s string) (seconds float64, ok bool) {
	if n, err := DecodeBase62(s); err == nil {
		return float64(n), true
	}
	digits, negative, ok := splitBase62(s)
	if !ok {
		return 0, false
	}
	if len(digits) > 173 { // 62^173 exceeds every float64
		seconds = math.Inf(1)
	} else {
		n, base := new(big.Int), big.NewInt(62)
		for i := range len(digits) {
			n.Mul(n, base)
			n.Add(n, big.NewInt(int64(base62Value[digits[i]])))
		}
		seconds, _ = new(big.Float).SetInt(n).Float64()
	}
	if negative {
		seconds = -seconds
	}
	return seconds, true
}

// splitBase62 separates the sign and drops leading zeros.
func splitBase62(s string) (digits string, negative, ok bool) {
	if s == "" {
		return "", false, false
	}
	digits, negative = strings.CutPrefix(s, "-")
	for i := range len(digits) {
		if base62Value[digits[i]] == notBase62 {
			return "", false, false
		}
	}
	return strings.TrimLeft(digits, "0"), negative, true
}
