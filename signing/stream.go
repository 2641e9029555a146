package signing

import (
	"encoding/base64"
	"io"

	"github.com/djsession/djsession/internal/pybase64"
)

// pieces is an io.Reader and io.ByteReader of the bytes that a text in base64 stands for, decoded piece by piece.
type pieces struct {
	rest   string // plain text
	unread []byte
	piece  [768]byte
}

// openStream returns the bytes of a text in base64. Those of an odd text, which only Python's forgiving reader takes, are
// decoded at once.
func openStream(encoded string) (*pieces, error) {
	if isPlain(encoded) {
		return &pieces{rest: encoded}, nil
	}
	stream, err := pybase64.AppendURL(nil, encoded)
	if err != nil {
		return nil, ErrBase64
	}
	return &pieces{unread: stream}, nil
}

// isPlain reports whether encoded is URL-safe base64 without padding, and nothing else.
func isPlain(encoded string) bool {
	for i := range len(encoded) {
		if c := encoded[i]; base62Value[c] == notBase62 && c != '-' && c != '_' {
			return false
		}
	}
	return len(encoded)%4 != 1
}

// next returns the bytes that come next, as many as are decoded; none at the end.
func (p *pieces) next() []byte {
	if len(p.unread) == 0 && p.rest != "" {
		size := min(len(p.rest), base64.RawURLEncoding.EncodedLen(len(p.piece)))
		n, _ := base64.RawURLEncoding.Decode(p.piece[:], []byte(p.rest[:size])) // a plain text has no error
		p.unread, p.rest = p.piece[:n], p.rest[size:]
	}
	return p.unread
}

// Read implements io.Reader.
func (p *pieces) Read(b []byte) (int, error) {
	if len(p.next()) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.unread)
	p.unread = p.unread[n:]
	return n, nil
}

// ReadByte implements io.ByteReader.
func (p *pieces) ReadByte() (byte, error) {
	if len(p.next()) == 0 {
		return 0, io.EOF
	}
	c := p.unread[0]
	p.unread = p.unread[1:]
	return c, nil
}
