package sqldb

import (
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
)

const (
	// piece is how many letters and digits in a row a message may not have in common with
	// a secret: the size of a uint64.
	piece = 8
	// shortestSecret is the length from which on a text is looked for: shorter ones,
	// such as the id 7, are in many a message by chance.
	shortestSecret = 4
	// longestMessage bounds the work. No database explains itself at greater length: a
	// longer message quotes a statement.
	longestMessage = 64 << 10
)

// Quotes reports whether the text of a driver's error repeats one of secrets or a piece of
// one: some databases quote a statement and cut it off. A piece is 8 letters and digits
// in a row, whatever stands in between and in whichever case, since drivers quote and escape;
// it may be in hexadecimal, too, or a list of bytes. A secret with fewer letters and digits
// is looked for as a whole, as a word; one of fewer than 4 characters is none.
func Quotes(err error, secrets ...string) bool {
	var m *message
	for _, secret := range secrets {
		if len(secret) < shortestSecret {
			continue
		}
		if m == nil {
			text := err.Error()
			if len(text) > longestMessage {
				return true
			}
			m = newMessage(text)
		}
		if m.quotes(secret) {
			return true
		}
	}
	return false
}

// message is the text of an error in each way in which a database or driver may have
// written what it quotes.
type message struct {
	texts  []string
	pieces map[uint64]struct{}
}

func newMessage(text string) *message {
	m := &message{texts: readings(text), pieces: map[uint64]struct{}{}}
	for _, text := range m.texts {
		for p := range pieces(text) {
			m.pieces[p] = struct{}{}
		}
	}
	return m
}

func (m *message) quotes(secret string) bool {
	whole := true
	for p := range pieces(secret) {
		if _, ok := m.pieces[p]; ok {
			return true
		}
		whole = false
	}
	if !whole {
		return false
	}
	for _, text := range m.texts {
		if hasWord(text, secret) {
			return true
		}
	}
	return false
}

// pieces iterates over all pieces of text.
func pieces(text string) func(yield func(uint64) bool) {
	return func(yield func(uint64) bool) {
		var p uint64
		n := 0
		for i := range len(text) {
			c := text[i]
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			if !inWord(c) {
				continue
			}
			p = p<<8 | uint64(c)
			if n++; n >= piece && !yield(p) {
				return
			}
		}
	}
}

// inWord reports whether c is a letter, a digit or part of a character that is not ASCII.
func inWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c >= 0x80
}

// hasWord reports whether word stands in text and is not part of a longer one.
func hasWord(text, word string) bool {
	for from := 0; ; from++ {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return false
		}
		from += at
		end := from + len(word)
		before := from > 0 && inWord(text[from-1]) && inWord(word[0])
		after := end < len(text) && inWord(text[end]) && inWord(word[len(word)-1])
		if !before && !after {
			return true
		}
	}
}

var (
	hexDigits = regexp.MustCompile(`[0-9A-Fa-f]{8,}`)
	// \x61, 0x61, %61, =61 and \u0061.
	hexBytes = regexp.MustCompile(`(?i)(?:\\x|0x|%|=|\\u00)[0-9a-f]{2}`)
	octal    = regexp.MustCompile(`\\[0-3][0-7]{2}`)
	decimal  = regexp.MustCompile(`\b\d{2,3}\b`)
)

// readings returns text and what it says if the bytes in it are written in hexadecimal,
// as escapes, or as a list of numbers.
func readings(text string) []string {
	all := []string{text}
	for shift := range 2 {
		if hexDigits.MatchString(text) {
			all = append(all, hexDigits.ReplaceAllStringFunc(text, func(digits string) string {
				digits = digits[shift:]
				b, _ := hex.DecodeString(digits[:len(digits)&^1])
				return string(b)
			}))
		}
	}
	number := func(base, digits int) func(string) string {
		return func(written string) string {
			n, err := strconv.ParseUint(written[len(written)-min(digits, len(written)):], base, 8)
			if err != nil {
				return written
			}
			return string([]byte{byte(n)})
		}
	}
	for _, form := range []struct {
		r    *regexp.Regexp
		read func(string) string
	}{{hexBytes, number(16, 2)}, {octal, number(8, 3)}, {decimal, number(10, 3)}} {
		if form.r.MatchString(text) {
			all = append(all, form.r.ReplaceAllStringFunc(text, form.read))
		}
	}
	return all
}
