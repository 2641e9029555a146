package usertable

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/djsession/djsession/serializer"
)

// ReadID implements auth.Users. It reads a session's _auth_user_id as to_python of the key's
// field does: for an [Integer], " 1_0 " is 10. ok is false for what Django finds no user for
// or raises an exception for, such as None or "1.5"; for integers beyond 64 bits; and, for a
// [Text], for arrays, objects, and text that a database cannot hold: an empty one, with a NUL or
// with half a surrogate pair.
//
// Which digits of other scripts there are depends on the Unicode version of Go and Python.
func (t *Table) ReadID(v serializer.Value) (id string, ok bool) {
	if v.Kind() == serializer.String {
		var s string
		if v.Decode(&s) == nil {
			id, ok = t.opts.key.readText(s)
		}
	} else {
		var x any
		if v.Decode(&x) == nil {
			id, ok = t.opts.key.read(x)
		}
	}
	if !ok {
		return "", false
	}
	return id, true
}

// readText reads a Python str.
func (k Key) readText(s string) (id string, ok bool) {
	switch k {
	case Integer:
		digits, ok := pythonInt(s, 10)
		if !ok {
			return "", false
		}
		n, err := strconv.ParseInt(digits, 10, 64)
		return strconv.FormatInt(n, 10), err == nil
	case UUID: // as uuid.UUID(hex=s)
		if u, ok := parseUUID(s); ok {
			return formatUUID(u), true // the usual case
		}
		s = strings.ReplaceAll(strings.ReplaceAll(s, "urn:", ""), "uuid:", "")
		s = strings.ReplaceAll(strings.Trim(s, "{}"), "-", "")
		if utf8.RuneCountInString(s) != 32 {
			return "", false
		}
		digits, ok := pythonInt(s, 16)
		if !ok {
			return "", false
		}
		n, ok := new(big.Int).SetString(digits, 16)
		if !ok {
			return "", false
		}
		return formatUUID([16]byte(n.FillBytes(make([]byte, 16)))), true
	}
	return s, possibleText(s) && s != ""
}

// read reads another value: a number as int(x), uuid.UUID(int=x) or str(x).
func (k Key) read(x any) (id string, ok bool) {
	n, text := new(big.Int), ""
	switch x := x.(type) {
	case bool:
		text = "False"
		if x {
			n, text = big.NewInt(1), "True"
		}
	case int64:
		n = big.NewInt(x)
		text = n.String()
	case *big.Int:
		n, text = x, x.String()
	case float64:
		// 2**63 is out of range, and so is NaN.
		if k == UUID || k == Integer && !(x >= math.MinInt64 && x < -math.MinInt64) {
			return "", false
		}
		if k == Integer {
			n = big.NewInt(int64(x))
		}
		text = pythonFloat(x)
	default:
		return "", false
	}
	switch k {
	case Integer:
		return n.String(), n.IsInt64()
	case UUID:
		if n.Sign() < 0 || n.BitLen() > 128 {
			return "", false
		}
		return formatUUID([16]byte(n.FillBytes(make([]byte, 16)))), true
	}
	return text, true
}

// pythonFloat returns Python's str(f), which differs from its JSON in these three.
func pythonFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	v, _ := serializer.Encode(f)
	return string(v.Bytes())
}
