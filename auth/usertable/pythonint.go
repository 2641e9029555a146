package usertable

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxDigits is how many decimal digits Python's int accepts, leading zeros included.
const maxDigits = 4300

var (
	decimal     = regexp.MustCompile(`\A([+-]?)(\d+(?:_\d+)*)\z`)
	hexadecimal = regexp.MustCompile(`\A([+-]?)(?:0[xX]_?)?([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)\z`)
)

// pythonInt reads text as Python's int(text, base) does, base being 10 or 16: there may be
// white space around, a sign, one underscore between two digits and, in base 16, "0x"; a digit
// may be of any script. It returns ASCII digits, after a "-" if there was one.
func pythonInt(text string, base int) (digits string, ok bool) {
	if len(text) < 20 && base == 10 {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return strconv.FormatInt(n, 10), true // the usual case
		}
	}
	text = strings.TrimFunc(text, unicode.IsSpace)
	if len(text) > (utf8.UTFMax+1)*maxDigits {
		return "", false // also with underscores it has too many
	}
	text = strings.Map(asciiDigit, text)
	form := decimal
	if base == 16 {
		form = hexadecimal
	}
	parts := form.FindStringSubmatch(text)
	if parts == nil {
		return "", false
	}
	digits = strings.ReplaceAll(parts[2], "_", "")
	if base == 10 && len(digits) > maxDigits {
		return "", false
	}
	return strings.TrimPrefix(parts[1], "+") + digits, true
}

// asciiDigit maps a decimal digit of any script to ASCII. Unicode keeps each script's ten in a
// row; some rows touch.
func asciiDigit(r rune) rune {
	if r < utf8.RuneSelf || !unicode.IsDigit(r) {
		return r
	}
	n := rune(0)
	for unicode.IsDigit(r - 1) {
		r--
		n++
	}
	return '0' + n%10
}
