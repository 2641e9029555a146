package django

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/djsession/djsession/internal/payload"
	"github.com/djsession/djsession/internal/pybase64"
	"github.com/djsession/djsession/signing"
)

// pre31Signer signs and verifies session data as Django did before 3.1: standard
// base64 of hex(HMAC-SHA1) + ":" + data.
type pre31Signer struct {
	macs []*signing.MAC // one per key; the first signs
}

func newPre31Signer(s *Settings) *pre31Signer {
	p := new(pre31Signer)
	for _, key := range append([]string{s.SecretKey}, s.SecretKeyFallbacks...) {
		mac, _ := signing.NewMAC("django.contrib.sessions"+s.SessionStoreClass, key, signing.SHA1) // a known algorithm
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

// open verifies text. The caller releases the result's hold.
func (p *pre31Signer) open(ctx context.Context, text string) (o opened, err error) {
	if len(text) > payload.Small {
		if o.hold, err = payload.Take(ctx); err != nil {
			return opened{}, err
		}
	}
	if o.data, o.current, err = p.verify(text); err != nil {
		o.hold.Release()
		return opened{}, err
	}
	return o, nil
}

// verify returns the data in text, and whether the first key signed it.
func (p *pre31Signer) verify(text string) (data []byte, current bool, err error) {
	signed, err := pybase64.AppendStd(nil, text)
	if err != nil || strings.IndexFunc(text, func(r rune) bool { return r >= 0x80 }) >= 0 {
		return nil, false, signing.ErrBase64
	}
	hash, data, found := bytes.Cut(signed, []byte{':'})
	if !found {
		return nil, false, signing.ErrNoSeparator
	}
	for i, mac := range p.macs {
		if hmac.Equal(hash, hexSum(mac, textOf(data))) {
			return data, i == 0, nil
		}
	}
	return nil, false, signing.ErrSignatureMismatch
}
