package serializer

import "strings"

// limits are what a scan refuses beyond the grammar.
type limits struct {
	nesting int // arrays and objects within each other
	digits  int // of an integer; 0 is any number
}

var (
	readLimits = limits{nesting: maxScanNesting}
	// Python could not read what is beyond: its recursion limit is 1,000, with
	// the program's own calls, and sys.set_int_max_str_digits is 4,300.
	writeLimits = limits{nesting: maxWriteNesting, digits: maxDigits}
)

const (
	maxScanNesting   = 100_000 // of a text
	maxDecodeNesting = 10_000  // of what is decoded into Go values
	maxWriteNesting  = 500
	maxDigits        = 4300
	maxIndirections  = 10_000 // pointers and interfaces on the way to one value
)

// validate returns nil if text is one JSON value, with or without white space around
// it, as Python's json.loads takes it from Latin-1.
func validate(text string, l limits) error {
	end, err := l.scan(text, skipSpace(text, 0))
	if err != nil {
		return err
	}
	return checkEnd(text, end)
}

// checkEnd returns an error if there is more than white space from text[i] on.
func checkEnd(text string, i int) error {
	if i = skipSpace(text, i); i != len(text) {
		return &SyntaxError{i, "unexpected text after the value"}
	}
	return nil
}

// at returns text[i], or 0 at the end of the text.
func at(text string, i int) byte {
	if i < len(text) {
		return text[i]
	}
	return 0
}

// scan checks the value that begins at text[i] and returns its end. It uses no
// recursion, so that nesting costs a byte for each level.
func (l limits) scan(text string, i int) (end int, err error) {
	if c := at(text, i); c != '{' && c != '[' {
		return l.scanScalar(text, i)
	}
	var room [64]byte
	open := room[:0] // the closing bracket of each container that is open
	for {
		c := at(text, i)
		switch c {
		case '{', '[':
			if len(open) >= l.nesting {
				return i, ErrNesting
			}
			open = append(open, c+2) // in ASCII '}' is '{'+2, and ']' is '['+2
			i = skipSpace(text, i+1)
			if at(text, i) == c+2 {
				break // it is empty
			}
			if c == '{' {
				if _, i, err = scanKey(text, i); err != nil {
					return i, err
				}
			}
			continue
		case '"':
			if i, err = scanString(text, i); err != nil {
				return i, err
			}
		default:
			if i, err = l.scanScalar(text, i); err != nil {
				return i, err
			}
		}
		// A value has ended, or an empty container is about to: close what ends here.
		for {
			if len(open) == 0 {
				return i, nil
			}
			i = skipSpace(text, i)
			c, closing := at(text, i), open[len(open)-1]
			if c == ',' {
				i = skipSpace(text, i+1)
				if closing == '}' {
					if _, i, err = scanKey(text, i); err != nil {
						return i, err
					}
				}
				break
			}
			if c != closing {
				return i, notClosed(text, i, closing)
			}
			open = open[:len(open)-1]
			i++
		}
	}
}

// notClosed returns the error for a container that neither goes on nor ends at text[i].
func notClosed(text string, i int, closing byte) error {
	container := "array"
	if closing == '}' {
		container = "object"
	}
	if i >= len(text) {
		return &SyntaxError{i, "the text ends inside an " + container}
	}
	return &SyntaxError{i, "expected a comma or the " + container + "'s end"}
}

// scanKey checks the key at text[i] and its colon, and returns where the key
// ends and where the member's value begins.
func scanKey(text string, i int) (end, value int, err error) {
	if at(text, i) != '"' {
		return i, i, &SyntaxError{i, "expected an object's key in double quotes"}
	}
	end, err = scanString(text, i)
	if err != nil {
		return end, end, err
	}
	if end+1 < len(text) && text[end] == ':' && text[end+1] > ' ' { // as Django writes it
		return end, end + 1, nil
	}
	i = skipSpace(text, end)
	if at(text, i) != ':' {
		return end, i, &SyntaxError{i, "expected a colon after an object's key"}
	}
	return end, skipSpace(text, i+1), nil
}

var literals = [...]string{nullText, "true", "false", "NaN", "Infinity", "-Infinity"}

func (l limits) scanScalar(text string, i int) (int, error) {
	switch c := at(text, i); {
	case c == '"':
		return scanString(text, i)
	case '0' <= c && c <= '9' || c == '-':
		if end, float := scanNumber(text, i); end > i {
			if l.digits > 0 && !float && countDigits(text[i:end]) > l.digits {
				return i, ErrDigits
			}
			return end, nil
		}
	case i >= len(text):
		return i, &SyntaxError{i, "the text ends where a value is expected"}
	}
	for _, literal := range literals {
		if strings.HasPrefix(text[i:], literal) {
			return i + len(literal), nil
		}
	}
	return i, &SyntaxError{i, "expected a value"}
}

// scanNumber returns the end of the number at text[i], or i if there is none,
// and whether Python reads it as a float. It stops where Python's reader
// stops: in "1.x" and "1ex" after the 1.
func scanNumber(text string, i int) (end int, float bool) {
	start := i
	if at(text, i) == '-' {
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
	if at(text, i) == '.' {
		if frac := skipDigits(text, i+1); frac > i+1 {
			i, float = frac, true
		}
	}
	if at(text, i)|0x20 == 'e' {
		exp := i + 1
		if c := at(text, exp); c == '+' || c == '-' {
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

func countDigits(integer string) int { return len(strings.TrimPrefix(integer, "-")) }

func skipSpace(text string, i int) int {
	for i < len(text) && text[i] <= ' ' && (text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r') {
		i++
	}
	return i
}
