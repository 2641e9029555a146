package serializer

import "strings"

func valid(text string) error { return validate(text, readLimits) }

// validate returns nil if text is one JSON value, with or without white space around
// it, as Python's json.loads takes it from Latin-1.
func validate(text string, l limits) error {
	end, err := l.scan(text, skipSpace(text, 0))
	if err != nil {
		return err
	}
	return atEnd(text, end)
}

// atEnd returns an error if there is more than white space from text[i] on.
func atEnd(text string, i int) error {
	if i = skipSpace(text, i); i != len(text) {
		return &SyntaxError{i, "unexpected text after the value"}
	}
	return nil
}

func (l limits) scan(text string, i int) (int, error) { return scanValue(text, i, l) }

// openContainers remembers for each open container whether it is an object, a
// bit each, so that nesting costs no stack.
type openContainers struct {
	bits  []uint64
	depth int
}

func (o *openContainers) push(object bool) {
	word, bit := o.depth/64, uint64(1)<<(o.depth%64)
	if word == len(o.bits) {
		o.bits = append(o.bits, 0)
	}
	if object {
		o.bits[word] |= bit
	} else {
		o.bits[word] &^= bit
	}
	o.depth++
}

func (o *openContainers) pop() { o.depth-- }

func (o *openContainers) inObject() bool {
	top := o.depth - 1
	return o.bits[top/64]&(1<<(top%64)) != 0
}

// scanValue checks the value that begins at text[i] and returns its end.
func scanValue(text string, i int, b limits) (int, error) {
	if i >= len(text) {
		return i, &SyntaxError{i, "the text ends where a value is expected"}
	}
	if c := text[i]; c != '{' && c != '[' {
		return scanScalar(text, i, b)
	}
	var room [8]uint64 // enough for all that Python could have written
	open := openContainers{bits: room[:0:len(room)]}
	var err error
	for {
		// A value is expected at text[i].
		if i >= len(text) {
			return i, &SyntaxError{i, "the text ends where a value is expected"}
		}
		switch c := text[i]; c {
		case '{', '[':
			if open.depth >= b.nesting {
				return i, ErrNesting
			}
			open.push(c == '{')
			i = skipSpace(text, i+1)
			if i < len(text) && text[i] == c+2 { // ASCII: '}' is '{'+2, ']' is '['+2
				i++
				open.pop()
				break
			}
			if c == '{' {
				if _, i, err = scanKey(text, i); err != nil {
					return i, err
				}
			}
			continue
		default:
			if i, err = scanScalar(text, i, b); err != nil {
				return i, err
			}
		}
		// A value has ended: close what ends with it.
		for {
			if open.depth == 0 {
				return i, nil
			}
			i = skipSpace(text, i)
			object := open.inObject()
			if i >= len(text) {
				return i, &SyntaxError{i, "the text ends inside " + containerName(object)}
			}
			c := text[i]
			if c == ',' {
				i = skipSpace(text, i+1)
				if object {
					if _, i, err = scanKey(text, i); err != nil {
						return i, err
					}
				}
				break
			}
			if object && c != '}' {
				return i, &SyntaxError{i, "expected a comma or the object's end"}
			}
			if !object && c != ']' {
				return i, &SyntaxError{i, "expected a comma or the array's end"}
			}
			i++
			open.pop()
		}
	}
}

func containerName(object bool) string {
	if object {
		return "an object"
	}
	return "an array"
}

// scanKey checks the key at text[i] and its colon, and returns where the key
// ends and where the member's value begins.
func scanKey(text string, i int) (end, value int, err error) {
	if i >= len(text) || text[i] != '"' {
		return i, i, &SyntaxError{i, "expected an object's key in double quotes"}
	}
	end, err = scanString(text, i)
	if err != nil {
		return end, end, err
	}
	i = skipSpace(text, end)
	if i >= len(text) || text[i] != ':' {
		return end, i, &SyntaxError{i, "expected a colon after an object's key"}
	}
	return end, skipSpace(text, i+1), nil
}

var literals = [...]string{"null", "true", "false", "NaN", "Infinity", "-Infinity"}

func scanScalar(text string, i int, b limits) (int, error) {
	switch c := text[i]; {
	case c == '"':
		return scanString(text, i)
	case '0' <= c && c <= '9' || c == '-':
		if end, float := scanNumber(text, i); end > i {
			if b.digits > 0 && !float && countDigits(text[i:end]) > b.digits {
				return i, ErrDigits
			}
			return end, nil
		}
	}
	for _, literal := range literals {
		if strings.HasPrefix(text[i:], literal) {
			return i + len(literal), nil
		}
	}
	return i, &SyntaxError{i, "expected a value"}
}

// endsPlain marks the bytes that need a look within a string.
var endsPlain = func() (t [256]bool) {
	for c := range 0x20 {
		t[c] = true
	}
	t['"'], t['\\'] = true, true
	return t
}()

// StringEnd returns the place after the closing quote of the string whose opening
// quote is text[i], in a text that is known to be valid.
func stringEnd(text string, i int) int {
	end, _ := scanString(text, i)
	return end
}

// scanString checks the string whose opening quote is text[i] and returns the
// place after its closing quote.
func scanString(text string, i int) (int, error) {
	for i++; i < len(text); i++ {
		for i < len(text) && !endsPlain[text[i]] {
			i++
		}
		if i == len(text) {
			break
		}
		switch text[i] {
		case '"':
			return i + 1, nil
		case '\\':
			i++
			if i >= len(text) {
				return i, &SyntaxError{i, "the text ends inside a string"}
			}
			switch text[i] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				if _, ok := parseHex4(text, i+1); !ok {
					return i - 1, &SyntaxError{i - 1, "expected four hexadecimal digits after \\u"}
				}
				i += 4
			default:
				return i - 1, &SyntaxError{i - 1, "unknown escape in a string"}
			}
		default:
			return i, &SyntaxError{i, "control character in a string"}
		}
	}
	return i, &SyntaxError{i, "the text ends inside a string"}
}

// parseHex4 reads the four hexadecimal digits at text[i].
func parseHex4(text string, i int) (rune, bool) {
	if i+4 > len(text) {
		return 0, false
	}
	var r rune
	for _, c := range []byte(text[i : i+4]) {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// scanNumber returns the end of the number at text[i], or i if there is none,
// and whether Python reads it as a float. It stops where Python's reader
// stops: in "1.x" and "1ex" after the 1.
func scanNumber(text string, i int) (end int, float bool) {
	start := i
	if i < len(text) && text[i] == '-' {
		i++
	}
	switch digits := skipDigits(text, i); {
	case digits == i:
		return start, strings.HasPrefix(text[i:], "Infinity")
	case text[i] == '0':
		i++
	default:
		i = digits
	}
	if i < len(text) && text[i] == '.' {
		if frac := skipDigits(text, i+1); frac > i+1 {
			i, float = frac, true
		}
	}
	if i < len(text) && text[i]|0x20 == 'e' {
		exp := i + 1
		if exp < len(text) && (text[exp] == '+' || text[exp] == '-') {
			exp++
		}
		if digits := skipDigits(text, exp); digits > exp {
			i, float = digits, true
		}
	}
	return i, float
}

func skipDigits(text string, i int) int {
	for i < len(text) && '0' <= text[i] && text[i] <= '9' {
		i++
	}
	return i
}

func countDigits(integer string) int {
	return len(strings.TrimPrefix(integer, "-"))
}

func skipSpace(text string, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r') {
		i++
	}
	return i
}
