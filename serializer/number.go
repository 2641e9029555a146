package serializer

import (
	"bytes"
	"math"
	"math/big"
	"strconv"
)

// appendFloat appends f as Python's repr writes it: the fewest digits that
// read back to f, always with a point or an exponent. With 32 bits those are
// the fewest that read back to the same float32: 0.1, where the float64 of
// the same value would be 0.10000000149011612.
func appendFloat(dst []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	low, high := 1e-4, 1e16
	if bits == 32 { // the float32 that is written 0.0001 is a little less
		low, high = float64(float32(low)), float64(float32(high))
	}
	if a := math.Abs(f); a >= high || a < low && a != 0 {
		return strconv.AppendFloat(dst, f, 'e', -1, bits)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, bits)
	if bytes.IndexByte(dst[start:], '.') < 0 {
		dst = append(dst, ".0"...)
	}
	return dst
}

// longestBits is the size of the largest integer of maxDigits digits.
const longestBits = 14285 // maxDigits * log2(10), rounded up

func appendBigInt(dst []byte, n *big.Int) ([]byte, error) {
	if n.BitLen() > longestBits {
		return dst, ErrDigits
	}
	start := len(dst)
	dst = n.Append(dst, 10)
	if countDigits(string(dst[start:])) > maxDigits {
		return dst[:start], ErrDigits
	}
	return dst, nil
}

// checkNumber says whether text is one JSON number, Python's NaN and infinities
// among them, that Python could read.
func checkNumber(text string) error {
	switch text {
	case "NaN", "Infinity", "-Infinity":
		return nil
	}
	end, float := scanNumber(text, 0)
	if end == 0 || end != len(text) {
		return errNumber
	}
	if !float && countDigits(text) > maxDigits {
		return ErrDigits
	}
	return nil
}

// parseFloat reads a number token as Python's float does: what is too large
// for a float is infinite.
func parseFloat(token string) float64 {
	switch token {
	case "NaN":
		return math.NaN()
	case "Infinity":
		return math.Inf(1)
	case "-Infinity":
		return math.Inf(-1)
	}
	f, _ := strconv.ParseFloat(token, 64) // its only error here is the range
	return f
}
