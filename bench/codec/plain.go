package codec

import (
	"bytes"
	"compress/zlib"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// plainDecode is how one writes it by hand: a new HMAC and a new zlib reader each time, and
// encoding/json.
func plainDecode(text string) (map[string]any, error) {
	colon := strings.LastIndexByte(text, ':')
	if colon < 0 || !hmac.Equal([]byte(plainSignature(text[:colon])), []byte(text[colon+1:])) {
		return nil, errors.New("wrong signature")
	}
	value, _, _ := strings.Cut(text, ":")
	value, compressed := strings.CutPrefix(value, ".")
	data, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil {
		return nil, err
	}
	if compressed {
		r, err := zlib.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		if data, err = io.ReadAll(r); err != nil {
			return nil, err
		}
	}
	var session map[string]any
	err = json.Unmarshal(data, &session)
	return session, err
}

// plainEncode is its counterpart.
func plainEncode(session map[string]any) (string, error) {
	data, err := json.Marshal(session)
	if err != nil {
		return "", err
	}
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	_, _ = w.Write(data) // into memory
	if err := w.Close(); err != nil {
		return "", err
	}
	value := "." + base64.RawURLEncoding.EncodeToString(packed.Bytes()) + ":1vbQxA"
	return value + ":" + plainSignature(value), nil
}

func plainSignature(value string) string {
	mac := hmac.New(sha256.New, derivedKey())
	_, _ = io.WriteString(mac, value)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
