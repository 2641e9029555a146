package sqldb

import (
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// piece is how many letters and digits in a row a message may not have in common with
	// a secret: the size of a uint64.
	piece = 8
	// shortestSecret is the length from which on a text is looked for: shorter ones,
	// such as the id 7, are in many a message by chance.
	shortestSecret = 4
	// anywhere is the length from which on a word counts outside of quotes, too: shorter ones
	// are ports, numbers of errors and names of databases by chance.
	anywhere = 6
	// longestMessage bounds the work. A longer message quotes a statement for sure.
	longestMessage = 64 << 10
)

// Quotes reports whether the text of a driver's error repeats one of secrets or a piece of
// one: some databases quote a statement and cut it off. A piece is 8 letters and digits
// in a row, whatever is in between and in whichever case, since drivers quote and escape;
// it may also be in hexadecimal, in base64 or a list of bytes. A secret with fewer letters and
// digits is looked for as a whole word, and one of fewer than 6 characters only in quotes; one of fewer
// than 4 is ignored.
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
	texts  []string // without the names of tables and the like
	pieces map[uint64]struct{}
}

func newMessage(text string) *message {
	m := &message{pieces: map[uint64]struct{}{}}
	text = noValues.ReplaceAllString(text, "")
	for _, text := range readings(text) {
		for p := range pieces(text) {
			m.pieces[p] = struct{}{}
		}
	}
	m.texts = readings(encoded.ReplaceAllString(identifiers.ReplaceAllString(text, "$1"), `encode "$1" into`))
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
		if quotesWord(text, secret) {
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

// quotesWord reports whether word is in text, in quotes unless it is long enough, and not
// part of a longer one.
func quotesWord(text, word string) bool {
	joins := func(a, b byte) bool { return (inWord(a) || a == '_') && (inWord(b) || b == '_') }
	var quotes quoteMarks
	for from := 0; ; from++ {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return false
		}
		from += at
		end := from + len(word)
		if from > 0 && joins(text[from-1], word[0]) || end < len(text) && joins(word[len(word)-1], text[end]) {
			continue
		}
		if len(word) >= anywhere || quotes.around(text, from, end) {
			return true
		}
	}
}

// quoteMarks counts the quotation marks in front of the places it is asked about, each
// further on in the same text than the last.
type quoteMarks struct {
	at             int
	single, double int
	last           byte // the last mark, or '(' after PostgreSQL's "Key (column)="
}

// around reports whether there is a mark in front of from and the same after end, or none
// after it because the database cut the text off.
func (q *quoteMarks) around(text string, from, end int) bool {
	for ; q.at < from; q.at++ {
		switch c := text[q.at]; {
		case c == '\'':
			q.single++
			q.last = c
		case c == '"':
			q.double++
			q.last = c
		case c == '(' && q.at > 0 && text[q.at-1] == '=':
			q.last = c
		case c == ')' && q.last == '(':
			q.last = 0
		}
	}
	switch q.last {
	case '(':
		return true
	case '\'':
		return q.single%2 == 1 || strings.IndexByte(text[end:], q.last) >= 0
	case '"':
		return q.double%2 == 1 || strings.IndexByte(text[end:], q.last) >= 0
	}
	return false
}

var (
	// noValues are parts of messages that quote nothing from a statement: numbers of errors,
	// addresses, and how a context ends.
	noValues = regexp.MustCompile(`Error \d+ \(\w+\)|\(SQLSTATE \w+\)|context (?:canceled|deadline exceeded)|` +
		`\b(?:dial|read|write) (?:tcp|udp)[46]? [^\s'"]+:\d+\b|\blookup [\w.-]+(?: on [^\s'"]+)?: `)
	// identifiers are names of what the database has.
	identifiers = regexp.MustCompile(`(?i)\b(column|relation|table|constraint|schema|index|type|role|user|database|key) (?:"[^"]*"|'[^']*')`)
	// encoded is a value that pgx writes without quotes if it is a number.
	encoded = regexp.MustCompile(`\bencode (\S+) into\b`)

	hexDigits = regexp.MustCompile(`[0-9A-Fa-f]{8,}`)
	hexPairs  = regexp.MustCompile(`\b[0-9A-Fa-f]{2}(?: [0-9A-Fa-f]{2}){3,}\b`)
	base64ed  = regexp.MustCompile(`[0-9A-Za-z+/_-]{8,}`)
	unicoded  = regexp.MustCompile(`\\u[0-9A-Fa-f]{4}`)
	// \x61, 0x61, %61 and =61.
	hexBytes = regexp.MustCompile(`(?i)(?:\\x|0x|%|=)[0-9a-f]{2}`)
	octal    = regexp.MustCompile(`\\[0-3][0-7]{2}`)
	decimal  = regexp.MustCompile(`\b\d{2,3}\b`)
)

// readings returns text and what it says if the bytes in it are written in hexadecimal,
// in base64, as escapes, or as a list of numbers.
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
	if hexPairs.MatchString(text) {
		all = append(all, hexPairs.ReplaceAllStringFunc(text, func(pairs string) string {
			b, _ := hex.DecodeString(strings.ReplaceAll(pairs, " ", ""))
			return string(b)
		}))
	}
	if base64ed.MatchString(text) {
		all = append(all, base64ed.ReplaceAllStringFunc(text, func(written string) string {
			b, _ := base64.RawStdEncoding.DecodeString(standardBase64.Replace(written))
			if !utf8.Valid(b) {
				return written // a word
			}
			return string(b)
		}))
	}
	if unicoded.MatchString(text) {
		all = append(all, unicoded.ReplaceAllStringFunc(text, func(written string) string {
			r, _ := strconv.ParseUint(written[2:], 16, 16)
			return string(rune(r))
		}))
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

var standardBase64 = strings.NewReplacer("-", "+", "_", "/")
