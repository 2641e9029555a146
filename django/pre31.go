package django

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode"

	"github.com/djsession/djsession/internal/pybase64"
	"github.com/djsession/djsession/internal/secret"
	"github.com/djsession/djsession/signing"
)

// pre31Signer signs and verifies session data as Django did before 3.1: standard
// base64 of hex(HMAC-SHA1) + ":" + data.
type pre31Signer struct {
	macs []*signing.MAC // one per key; the first signs
}

func newPre31Signer(storeClass string, keys []secret.Text) *pre31Signer {
	p := new(pre31Signer)
	for _, key := range keys {
		mac, _ := signing.NewMAC("django.contrib.sessions"+storeClass, key.Value(), signing.SHA1) // a known algorithm
		p.macs = append(p.macs, mac)
	}
	return p
}

func hexSum(mac *signing.MAC, data string) []byte {
	var room [sha1.Size]byte
	return hex.AppendEncode(nil, mac.AppendSum(room[:0], data))
}

func (p *pre31Signer) sign(data []byte) string {
	signed := append(append(hexSum(p.macs[0], textOf(data)), ':'), data...)
	return base64.StdEncoding.EncodeToString(signed)
}

// unsign returns the data in text and the index of the key that signed it.
func (p *pre31Signer) unsign(text string) (data []byte, key int, err error) {
	signed, err := pybase64.AppendStd(nil, text)
	if err != nil || strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) {
		return nil, 0, signing.ErrBase64
	}
	hash, data, found := bytes.Cut(signed, []byte{':'})
	if !found {
		return nil, 0, signing.ErrNoSeparator
	}
	for i, mac := range p.macs {
		if hmac.Equal(hash, hexSum(mac, textOf(data))) {
			return data, i, nil
		}
	}
	return nil, 0, signing.ErrSignatureMismatch
}
