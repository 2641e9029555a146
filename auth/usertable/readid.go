package usertable

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/djsession/djsession/serializer"
)

// ReadID implements auth.Users: it reads a session's _auth_user_id as to_python of
// the key's field does. What Django finds nobody for, such as None, is not ok,
// and so are:
//
//   - what Django raises an exception for: for an [Integer], " 1_0 " is 10, but
//     "1.5" is nothing; a list is never an integer or a [UUID];
//   - integers beyond 64 bits, for an Integer;
//   - for a [Text], an array or an object, an empty text, and text that a database
//     cannot hold: with a NUL or half a surrogate pair.
//
// Which digits of other scripts there are is a matter of the Unicode version, here
// Go's, there that of the site's Python.
func (t *Table) ReadID(v serializer.Value) (id string, ok bool) {
	switch t.opts.key {
	case Integer:
		n, ok := readInteger(v)
		if !ok {
			return "", false
		}
		return strconv.FormatInt(n, 10), true
	case UUID:
		u, ok := readUUID(v)
		if !ok {
			return "", false
		}
		return formatUUID(u), true
	}
	return readText(v)
}

// readInteger is Python's int(v).
func readInteger(v serializer.Value) (n int64, ok bool) {
	switch v.Kind() {
	case serializer.String:
		var s string
		if v.Decode(&s) != nil {
			return 0, false
		}
		digits, ok := pythonInt(s, 10)
		if !ok {
			return 0, false
		}
		n, err := strconv.ParseInt(digits, 10, 64)
		return n, err == nil
	case serializer.Int:
		return n, v.Decode(&n) == nil
	case serializer.Float:
		var f float64
		// 2**63 is the least that is too large, and NaN is neither.
		if v.Decode(&f) != nil || !(f >= math.MinInt64 && f < -math.MinInt64) {
			return 0, false
		}
		return int64(f), true
	case serializer.Bool:
		var b bool
		if v.Decode(&b) != nil {
			return 0, false
		}
		if b {
			n = 1
		}
		return n, true
	}
	return 0, false
}

// readUUID is Python's uuid.UUID(int=v) of an integer or a bool, and
// uuid.UUID(hex=v) of anything else.
func readUUID(v serializer.Value) (u [16]byte, ok bool) {
	switch v.Kind() {
	case serializer.String:
		var s string
		if v.Decode(&s) != nil {
			return u, false
		}
		s = strings.ReplaceAll(strings.ReplaceAll(s, "urn:", ""), "uuid:", "")
		s = strings.ReplaceAll(strings.Trim(s, "{}"), "-", "")
		if utf8.RuneCountInString(s) != 32 {
			return u, false
		}
		digits, ok := pythonInt(s, 16)
		if !ok {
			return u, false
		}
		n, ok := new(big.Int).SetString(digits, 16)
		if !ok {
			return u, false
		}
		n.FillBytes(u[:]) // 32 digits at the most
		return u, true
	case serializer.Int:
		var n big.Int
		if v.Decode(&n) != nil || n.Sign() < 0 || n.BitLen() > 128 {
			return u, false
		}
		n.FillBytes(u[:])
		return u, true
	case serializer.Bool:
		n, ok := readInteger(v)
		u[15] = byte(n)
		return u, ok
	}
	return u, false
}

// readText is Python's str(v).
func readText(v serializer.Value) (s string, ok bool) {
	switch v.Kind() {
	case serializer.String:
		if v.Decode(&s) != nil {
			return "", false
		}
	case serializer.Int:
		if s = string(v.Bytes()); s == "-0" {
			s = "0"
		}
	case serializer.Float:
		var f float64
		if v.Decode(&f) != nil {
			return "", false
		}
		return pythonFloat(f)
	case serializer.Bool:
		if s = "False"; string(v.Bytes()) == "true" {
			s = "True"
		}
	}
	if !possibleText(s) || s == "" {
		return "", false
	}
	return s, true
}

// pythonFloat is Python's str(f), which differs from its JSON in these three.
func pythonFloat(f float64) (string, bool) {
	switch {
	case math.IsNaN(f):
		return "nan", true
	case math.IsInf(f, 1):
		return "inf", true
	case math.IsInf(f, -1):
		return "-inf", true
	}
	v, err := serializer.Encode(f)
	return string(v.Bytes()), err == nil
}
