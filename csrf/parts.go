package csrf

import (
	"bufio"
	"bytes"
	"io"
)

// maxPart is how many bytes of a part are kept: a token has 64.
const maxPart = 64 << 10

// A partReader splits a multipart body at its separator, wherever that stands, as
// Django does.
type partReader struct {
	in        *bufio.Reader
	separator []byte
	part      []byte
}

func newPartReader(body io.Reader, boundary string) *partReader {
	return &partReader{in: bufio.NewReaderSize(body, 64<<10), separator: []byte("--" + boundary)}
}

// next returns the first bytes of the next part, of which there is one before the
// first separator and one after the last. They are valid until the next call. At
// the end the error is io.EOF.
func (p *partReader) next() ([]byte, error) {
	if _, err := p.in.Peek(1); err != nil {
		return nil, err
	}
	p.part = p.part[:0]
	for {
		text, _ := p.in.Peek(p.in.Buffered())
		end := bytes.Index(text, p.separator)
		var err error
		if end < 0 { // a refill moves what is buffered, so not for every part
			text, err = p.in.Peek(p.in.Size())
			end = bytes.Index(text, p.separator)
		}
		switch {
		case end >= 0:
			p.take(text[:end])
			_, _ = p.in.Discard(len(p.separator))
			if len(p.part) < maxPart { // else the part's end is not among its first bytes
				return bytes.TrimSuffix(bytes.TrimSuffix(p.part, []byte("\n")), []byte("\r")), nil
			}
			return p.part, nil
		case err == io.EOF:
			p.take(text)
			return p.part, nil
		case err != nil:
			return nil, err
		}
		// At the end the separator may have begun, and a line break before it.
		p.take(text[:len(text)-len(p.separator)-1])
	}
}

// take keeps what there is room for of text, which comes next, and goes past it.
func (p *partReader) take(text []byte) {
	p.part = append(p.part, text[:min(len(text), maxPart-len(p.part))]...)
	_, _ = p.in.Discard(len(text))
}
