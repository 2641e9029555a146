package serializer

import (
	"bytes"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
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

// checkNumber returns an error if text is not one JSON number, NaN and the infinities
// among them, that Python could read.
func checkNumber(text string) error {
	if kind := kindOf(text); kind != Int && kind != Float {
		return errNumber
	}
	end, err := writeLimits.scan(text, 0)
	switch {
	case err == ErrDigits:
		return err
	case err != nil || end != len(text):
		return errNumber
	}
	return nil
}

// numeric reads the value that comes next into v, a number.
func (d *decoder) numeric(v reflect.Value) error {
	kind := kindOf(d.text[d.pos:])
	if kind != Int && (kind != Float || !v.CanFloat()) {
		return d.mismatch(v.Type(), nil)
	}
	token := d.token()
	if v.CanFloat() && setFloat(v, token, kind) || !v.CanFloat() && setInteger(v, token) {
		return nil
	}
	return &TypeError{Kind: kind, Type: v.Type(), Err: errRange}
}

// setInteger sets v, of one of Go's integer types, unless token does not fit it.
func setInteger(v reflect.Value, token string) bool {
	bits := v.Type().Bits()
	if v.CanInt() {
		n, err := strconv.ParseInt(token, 10, bits)
		if err == nil {
			v.SetInt(n)
		}
		return err == nil
	}
	if token == "-0" { // 0 in Python
		token = "0"
	}
	n, err := strconv.ParseUint(token, 10, bits)
	if err == nil {
		v.SetUint(n)
	}
	return err == nil
}

// setFloat sets v, of one of Go's float types, unless token does not fit it. What is
// infinite for Python is infinite; what only becomes so by going into fewer bits, or by
// being an integer, does not fit.
func setFloat(v reflect.Value, token string, kind Kind) bool {
	f, err := strconv.ParseFloat(token, v.Type().Bits())
	if err != nil {
		f = parseFloat(token)
		if kind == Int || !math.IsInf(f, 0) {
			return false
		}
	}
	v.SetFloat(f)
	return true
}

// parseFloat reads a number as Python's float does: one that is too large is infinite.
func parseFloat(token string) float64 {
	f, _ := strconv.ParseFloat(token, 64) // its only error here is the range
	return f
}

// bigInteger keeps to Python's limit, for Python's reason: the time that a longer
// one takes grows with the square of its length.
func bigInteger(token string) (*big.Int, error) {
	if len(strings.TrimPrefix(token, "-")) > maxDigits {
		return nil, ErrDigits
	}
	n, _ := new(big.Int).SetString(token, 10)
	return n, nil
}
