package requests

import (
	"bytes"
	"compress/zlib"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"strings"
	"sync"
	"time"
)

// format reads and writes Django's sessions as a service would that does it by hand: with the
// standard library, its keys ready and its readers and writers pooled.
type format struct {
	macs     sync.Pool // hash.Hash
	authMACs sync.Pool // hash.Hash
	readers  sync.Pool // *inflater
	writers  sync.Pool // *deflater
}

type inflater struct {
	source bytes.Reader
	zlib   io.ReadCloser
	out    bytes.Buffer
}

type deflater struct {
	out  bytes.Buffer
	zlib *zlib.Writer
}

func newFormat(secretKey string) *format {
	macs := func(salt string) sync.Pool {
		key := sha256.Sum256([]byte(salt + secretKey))
		return sync.Pool{New: func() any { return hmac.New(sha256.New, key[:]) }}
	}
	return &format{
		macs:     macs("django.contrib.sessions.SessionStore" + "signer"),
		authMACs: macs("django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"),
		readers:  sync.Pool{New: func() any { return new(inflater) }},
		writers: sync.Pool{New: func() any {
			d := new(deflater)
			d.zlib, _ = zlib.NewWriterLevel(&d.out, 6)
			return d
		}},
	}
}

var errFormat = errors.New("not a session of this site")

func sum(macs *sync.Pool, text string) [sha256.Size]byte {
	mac := macs.Get().(hash.Hash)
	defer macs.Put(mac)
	mac.Reset()
	mac.Write([]byte(text))
	return [sha256.Size]byte(mac.Sum(nil))
}

// decode verifies a session's text and reads its JSON into values.
func (f *format) decode(text string, values any) error {
	colon := strings.LastIndexByte(text, ':')
	if colon < 0 {
		return errFormat
	}
	value, signature := text[:colon], text[colon+1:]
	want := sum(&f.macs, value)
	if !hmac.Equal([]byte(base64.RawURLEncoding.EncodeToString(want[:])), []byte(signature)) {
		return errFormat
	}
	payload, _, _ := strings.Cut(value, ":") // behind it is the time
	encoded, compressed := strings.CutPrefix(payload, ".")
	data, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return err
	}
	if !compressed {
		return json.Unmarshal(data, values)
	}
	in := f.readers.Get().(*inflater)
	defer f.readers.Put(in)
	in.source.Reset(data)
	if in.zlib == nil {
		in.zlib, err = zlib.NewReader(&in.source)
	} else {
		err = in.zlib.(zlib.Resetter).Reset(&in.source, nil)
	}
	if err != nil {
		return err
	}
	in.out.Reset()
	if _, err := in.out.ReadFrom(in.zlib); err != nil {
		return err
	}
	return json.Unmarshal(in.out.Bytes(), values)
}

func (f *format) encode(values map[string]json.RawMessage) (string, error) {
	data, err := json.Marshal(values)
	if err != nil {
		return "", err
	}
	out := f.writers.Get().(*deflater)
	defer f.writers.Put(out)
	out.out.Reset()
	out.zlib.Reset(&out.out)
	if _, err := out.zlib.Write(data); err != nil {
		return "", err
	}
	if err := out.zlib.Close(); err != nil {
		return "", err
	}
	mark := ""
	if out.out.Len() < len(data)-1 {
		mark, data = ".", out.out.Bytes()
	}
	value := mark + base64.RawURLEncoding.EncodeToString(data) + ":" + base62(time.Now().Unix())
	signature := sum(&f.macs, value)
	return value + ":" + base64.RawURLEncoding.EncodeToString(signature[:]), nil
}

// loggedIn reports whether hash, from the session, is that of the user's password.
func (f *format) loggedIn(hash, password string) bool {
	want := sum(&f.authMACs, password)
	return hmac.Equal([]byte(hex.EncodeToString(want[:])), []byte(hash))
}

func base62(n int64) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	var text [11]byte
	i := len(text)
	for ; n > 0; n /= 62 {
		i--
		text[i] = digits[n%62]
	}
	return string(text[i:])
}
