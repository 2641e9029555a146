package serializer

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// line reads up to the end of a line, as the opcodes of protocol 0 need it.
func (u *unpickler) line() string {
	n := strings.IndexByte(u.data[u.pos:], '\n')
	if n < 0 {
		u.fail(ends)
		return ""
	}
	line := u.data[u.pos : u.pos+n]
	u.pos += n + 1
	return line
}

// literal returns the value that an opcode of protocol 0 has as text.
func (u *unpickler) literal(code byte) ref {
	line := u.line()
	switch code {
	case opString:
		return u.quoted(line)
	case opUnicode:
		return u.rawUnicode(line)
	case opFloat:
		f, err := strconv.ParseFloat(line, 64)
		if end, _ := scanNumber(line, 0); err != nil && !math.IsInf(f, 0) || end != len(line) && !math.IsInf(f, 0) && !math.IsNaN(f) {
			u.fail("a float is not a number")
		}
		if math.IsNaN(f) { // Go's has other bits
			return u.add(number(nodeFloat, pythonNaN))
		}
		return u.add(number(nodeFloat, math.Float64bits(f)))
	case opInt:
		switch line {
		case "00":
			return refFalse
		case "01":
			return refTrue
		}
	case opLong:
		line = strings.TrimSuffix(line, "L")
	}
	if n, err := strconv.ParseInt(line, 10, 64); err == nil && strconv.FormatInt(n, 10) == line {
		return u.int(n)
	}
	// Python takes what begins with 0 for octal, and "+1" for True.
	if digits := strings.TrimPrefix(line, "-"); digits == "" || digits[0] == '0' || len(digits) > maxDigits || skipDigits(digits, 0) != len(digits) {
		u.fail("an int is not a number or has more than 4300 digits")
		return refNone
	}
	n, _ := new(big.Int).SetString(line, 10)
	from := uint32(len(u.extra))
	u.extra = append(u.extra, littleEndian(n)...)
	return u.long(from, uint32(len(u.extra)), true)
}

// littleEndian returns n in two's complement.
func littleEndian(n *big.Int) []byte {
	size := n.BitLen()/8 + 1
	if n.Sign() < 0 {
		n = new(big.Int).Add(n, new(big.Int).Lsh(big.NewInt(1), uint(8*size)))
	}
	b := n.FillBytes(make([]byte, size))
	slices.Reverse(b)
	return b
}

// quoted returns the str that Python 2 wrote as its repr.
func (u *unpickler) quoted(line string) ref {
	if n := len(line); n < 2 || line[0] != line[n-1] || line[0] != '\'' && line[0] != '"' {
		u.fail("a str has no quotes")
		return refNone
	}
	var text []byte
	for rest := line[1 : len(line)-1]; rest != ""; {
		c := rest[0]
		size := 1
		if c == '\\' && len(rest) > 1 {
			size = 2
			switch c = rest[1]; c {
			case '\\', '\'', '"':
			case 'n':
				c = '\n'
			case 'r':
				c = '\r'
			case 't':
				c = '\t'
			case 'x':
				n, err := strconv.ParseUint(rest[2:min(4, len(rest))], 16, 8)
				if err != nil || len(rest) < 4 {
					c = utf8.RuneSelf
				} else {
					c = byte(n)
				}
				size = min(4, len(rest))
			default: // repr writes no others
				c = utf8.RuneSelf
			}
		}
		if c >= utf8.RuneSelf {
			u.fail("a str of Python 2 is not ASCII")
			return refNone
		}
		text = append(text, c)
		rest = rest[size:]
	}
	return u.text(nodeStr, string(text))
}

// rawUnicode returns the str that is there in the encoding raw-unicode-escape.
func (u *unpickler) rawUnicode(line string) ref {
	var text []byte
	for i := 0; i < len(line); {
		c := line[i]
		i++
		if c != '\\' || i == len(line) {
			text = utf8.AppendRune(text, rune(c))
			continue
		}
		digits := 0
		switch line[i] {
		case 'u':
			digits = 4
		case 'U':
			digits = 8
		}
		if digits == 0 {
			text = utf8.AppendRune(append(text, c), rune(line[i]))
			i++
			continue
		}
		end := min(i+1+digits, len(line))
		r, err := strconv.ParseUint(line[i+1:end], 16, 32)
		if err != nil || end != i+1+digits || r > utf8.MaxRune {
			u.fail("a str has a wrong escape")
			return refNone
		}
		text = appendWTF8(text, rune(r))
		i = end
	}
	return u.text(nodeStr, string(text))
}

// isWTF8 reports whether s is UTF-8 in which surrogates may stand alone, as Python's surrogatepass has it.
func isWTF8(s string) bool {
	if utf8.ValidString(s) {
		return true
	}
	for s != "" {
		_, size := decodeWTF8(s)
		if size == 0 {
			return false
		}
		s = s[size:]
	}
	return true
}
