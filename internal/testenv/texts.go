package testenv

import (
	"bytes"
	"compress/zlib"
	"crypto/hmac"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

//go:embed texts/texts.json
var textsJSON []byte

// SessionText is what Django 5.2 stored for a session; texts/write.py wrote it.
type SessionText struct {
	Name string
	Text string
	Key  string // SECRET_KEY
	Data []byte // the JSON in it
}

// SessionTexts returns a login, and one with a small and with a very large cart.
func SessionTexts(t testing.TB) []SessionText {
	t.Helper()
	var file struct {
		Key   string
		Texts []SessionText
	}
	if err := json.Unmarshal(textsJSON, &file); err != nil {
		t.Fatal(err)
	}
	for i := range file.Texts {
		s := &file.Texts[i]
		s.Key = file.Key
		s.Data = bytes.Clone(s.Floor(t)())
	}
	return file.Texts
}

// Floor returns a function that does what reading s takes at least: HMAC with a ready key, base64, and inflating
// with an inflater and buffers that are used again. It returns the data, until it is called again.
func (s SessionText) Floor(t testing.TB) func() []byte {
	signed := []byte(s.Text[:strings.LastIndexByte(s.Text, ':')])
	encoded, _, _ := strings.Cut(s.Text[1:], ":")
	mac := hmac.New(sha256.New, []byte(s.Key))
	var sum, stream, data []byte
	var in bytes.Reader
	var reader io.ReadCloser
	return func() []byte {
		mac.Reset()
		mac.Write(signed)
		sum = mac.Sum(sum[:0])
		var err error
		if stream, err = base64.RawURLEncoding.AppendDecode(stream[:0], []byte(encoded)); err != nil {
			t.Fatal(err)
		}
		in.Reset(stream)
		if reader == nil {
			reader, err = zlib.NewReader(&in)
		} else {
			err = reader.(zlib.Resetter).Reset(&in, nil)
		}
		for data = data[:0]; err == nil; {
			if len(data) == cap(data) {
				data = append(data, 0)[:len(data)]
			}
			var n int
			n, err = reader.Read(data[len(data):cap(data)])
			data = data[:len(data)+n]
		}
		if err != io.EOF {
			t.Fatal(err)
		}
		return data
	}
}
