package csrf

import (
	"bufio"
	"bytes"
	"io"
)

// maxPart is how many bytes of a part are kept: a token has 64.
const maxPart = 64 << 10

// newPartScanner returns a scanner for the first bytes of each part of a multipart body,
// which it splits at the separator wherever that stands, as Django does. The text before
// the first separator and after the last are parts, too.
func newPartScanner(body io.Reader, boundary string) *bufio.Scanner {
	separator := []byte("--" + boundary)
	part := []byte{}
	keep := func(text []byte) { part = append(part, text[:min(len(text), maxPart-len(part))]...) }
	split := func(data []byte, atEOF bool) (advance int, token []byte, err error) {
		switch end := bytes.Index(data, separator); {
		case end >= 0:
			keep(data[:end])
			advance = end + len(separator)
			token = bytes.TrimSuffix(bytes.TrimSuffix(part, []byte("\n")), []byte("\r"))
			part = part[:0]
		case !atEOF: // data may end in a line break and the start of a separator
			advance = max(0, len(data)-len(separator)-1)
			keep(data[:advance])
		case len(data) > 0:
			keep(data)
			advance, token = len(data), part
		}
		return advance, token, nil
	}
	s := bufio.NewScanner(body)
	s.Buffer(make([]byte, maxPart), maxPart)
	s.Split(split)
	return s
}
