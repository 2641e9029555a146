package django

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"github.com/djsession/djsession/internal/budget"
	"github.com/djsession/djsession/internal/pybase64"
	"github.com/djsession/djsession/signing"
)

// pre31Signer reads and writes session data as Django did before 3.1: standard
// base64 of hex(HMAC-SHA1) + ":" + payload.
type pre31Signer struct {
	macs []*signing.MAC // one a key; the first signs
}

func newPre31Signer(s *Settings) (*pre31Signer, error) {
	p := new(pre31Signer)
	for _, key := range append([]string{s.SecretKey}, s.SecretKeyFallbacks...) {
		mac, err := signing.NewMAC("django.contrib.sessions"+s.SessionStoreClass, key, signing.SHA1)
		if err != nil {
			return nil, err
		}
		p.macs = append(p.macs, mac)
	}
	return p, nil
}

func hexSum(mac *signing.MAC, payload string) []byte {
	var room [sha1.Size]byte
	return hex.AppendEncode(nil, mac.AppendSum(room[:0], payload))
}

func (p *pre31Signer) sign(payload []byte) string {
	signed := append(append(hexSum(p.macs[0], textOf(payload)), ':'), payload...)
	return base64.StdEncoding.EncodeToString(signed)
}

// read hands the payload to into if its signature is good.
func (p *pre31Signer) read(text string, into *budget.Target) error {
	if len(text) > budget.Small {
		// What the payload and reading it may cost.
		hold, err := budget.Take(into.Context, 8*min(len(text), budget.Size))
		if err != nil {
			return err
		}
		defer hold.Release()
	}
	signed, err := pybase64.AppendStd(nil, text)
	if err != nil || !isASCII(text) {
		return fmt.Errorf("%w: %w", ErrCorrupt, signing.ErrBase64)
	}
	hash, payload, found := bytes.Cut(signed, []byte{':'})
	if !found {
		return fmt.Errorf("%w: %w", ErrCorrupt, signing.ErrNoSeparator)
	}
	for _, mac := range p.macs {
		if hmac.Equal(hash, hexSum(mac, textOf(payload))) {
			return into.Read(payload)
		}
	}
	return fmt.Errorf("%w: %w", ErrCorrupt, signing.ErrSignatureMismatch)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
