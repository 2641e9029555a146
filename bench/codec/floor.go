package codec

import (
	"bytes"
	"compress/zlib"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash"
	"io"
	"strings"

	kzlib "github.com/klauspost/compress/zlib"
)

// floor does what no reader or writer of a session's text can leave out, with memory that is
// there already: HMAC with a key that is ready, base64, and deflate. It is for one goroutine.
type floor struct {
	mac     hash.Hash
	sum     []byte
	encoded []byte // base64
	packed  []byte
	data    []byte
	source  bytes.Reader

	newReader func(io.Reader) (io.ReadCloser, error)
	reader    io.ReadCloser

	writer *kzlib.Writer
	sink   bytes.Buffer
}

// resetter is zlib.Resetter of both packages.
type resetter interface {
	Reset(r io.Reader, dict []byte) error
}

func newFloor(newReader func(io.Reader) (io.ReadCloser, error)) *floor {
	writer, err := kzlib.NewWriterLevel(nil, 6)
	if err != nil {
		panic(err) // 6 is a level
	}
	return &floor{mac: hmac.New(sha256.New, derivedKey()), data: make([]byte, 1<<20), newReader: newReader, writer: writer}
}

var (
	standardReader  = zlib.NewReader
	klauspostReader = func(r io.Reader) (io.ReadCloser, error) { return kzlib.NewReader(r) }
)

// decode verifies text and returns what was compressed in it, until the next call.
func (f *floor) decode(text string) ([]byte, error) {
	colon := strings.LastIndexByte(text, ':')
	if colon < 0 || !hmac.Equal(f.sign(text[:colon]), []byte(text[colon+1:])) {
		return nil, errors.New("wrong signature")
	}
	value, _, _ := strings.Cut(text, ":")
	var err error
	if f.packed, err = base64.RawURLEncoding.AppendDecode(f.packed[:0], []byte(strings.TrimPrefix(value, "."))); err != nil {
		return nil, err
	}
	if value[0] != '.' {
		return f.packed, nil
	}
	f.source.Reset(f.packed)
	if f.reader == nil {
		f.reader, err = f.newReader(&f.source)
	} else {
		err = f.reader.(resetter).Reset(&f.source, nil)
	}
	if err != nil {
		return nil, err
	}
	n := 0
	for err == nil && n < len(f.data) {
		var read int
		read, err = f.reader.Read(f.data[n:])
		n += read
	}
	if err != io.EOF {
		return nil, errors.Join(err, errors.New("the data is too large"))
	}
	return f.data[:n], nil
}

// encode returns the text of data.
func (f *floor) encode(data []byte) string {
	f.sink.Reset()
	f.writer.Reset(&f.sink)
	_, _ = f.writer.Write(data) // into memory
	_ = f.writer.Close()
	f.encoded = base64.RawURLEncoding.AppendEncode(append(f.encoded[:0], '.'), f.sink.Bytes())
	f.encoded = append(f.encoded, ":1vbQxA"...)
	return string(f.encoded) + ":" + string(f.sign(string(f.encoded)))
}

// sign returns the signature of value, until the next call.
func (f *floor) sign(value string) []byte {
	f.mac.Reset()
	_, _ = io.WriteString(f.mac, value)
	f.sum = f.mac.Sum(f.sum[:0])
	f.sum = base64.RawURLEncoding.AppendEncode(f.sum, f.sum)
	return f.sum[sha256.Size:]
}

func derivedKey() []byte {
	key := sha256.Sum256([]byte("django.contrib.sessions.SessionStoresigner" + secretKey))
	return key[:]
}
