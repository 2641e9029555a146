package messages

import (
	"cmp"
	"context"
	"crypto/hmac"
	"encoding/hex"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/signing"
)

const (
	cookieName = "messages"
	keySalt    = "django.contrib.messages"
	maxCookie  = 2048 // characters of the value as it is sent
)

// jar reads and writes the value of the cookie. Django's CookieStorage.
type jar struct {
	format
	signer *signing.TimestampSigner
	hashes []*signing.MAC // one per key
	max    int            // bytes of an inflated list
	cookie cookie.Cookie  // without the value
}

func newJar(f format, s *django.Settings, now func() time.Time) (*jar, error) {
	const prefix = "django.http.cookies" // of the keys of get_cookie_signer
	options := signing.Options{Salt: keySalt, Now: now, MaxInflated: s.MaxInflated}
	for _, key := range s.SecretKeyFallbacks {
		options.FallbackKeys = append(options.FallbackKeys, prefix+key)
	}
	switch {
	case s.SessionFormat == django.FormatPre31: // DEFAULT_HASHING_ALGORITHM = "sha1"
		options.Algorithm = signing.SHA1
		if f.older {
			options.LegacyAlgorithm = signing.SHA256
		}
	case f.readsSHA1():
		options.LegacyAlgorithm = signing.SHA1
	}
	j := &jar{format: f, max: cmp.Or(s.MaxInflated, signing.DefaultMaxInflated), cookie: cookie.Cookie{
		Name:       cookieName,
		Domain:     s.SessionCookieDomain,
		Path:       "/",
		SameSite:   string(s.SessionCookieSameSite),
		Secure:     s.SessionCookieSecure,
		HTTPOnly:   s.SessionCookieHTTPOnly,
		UntilClose: true,
	}}
	var err error
	if j.signer, err = signing.NewTimestampSigner(prefix+s.SecretKey, options); err != nil {
		return nil, fmt.Errorf("messages: %w", err)
	}
	for _, key := range append([]string{s.SecretKey}, s.SecretKeyFallbacks...) {
		mac, err := signing.NewMAC(keySalt, key, signing.SHA1)
		if err != nil {
			return nil, fmt.Errorf("messages: %w", err)
		}
		j.hashes = append(j.hashes, mac)
	}
	return j, nil
}

// read returns the list that a cookie's value holds. Each form is signed, so any may be
// tried; the error is that of the first.
func (j *jar) read(ctx context.Context, value string) (list []*record, finished bool, err error) {
	for _, form := range []struct {
		reads bool
		open  func(context.Context, string) (string, error)
	}{{j.readsObjects(), j.openObject}, {j.readsJSON(), j.openJSON}, {j.readsHash(), j.openHash}} {
		if !form.reads {
			continue
		}
		text, failed := form.open(ctx, value)
		if failed == nil {
			list, finished, failed = decodeList(text)
		}
		if failed == nil {
			return list, finished, nil
		}
		err = cmp.Or(err, failed)
	}
	return nil, false, err
}

func (j *jar) openObject(ctx context.Context, value string) (string, error) {
	data, err := j.signer.Payload(ctx, value, signing.NoMaxAge)
	return string(data), err
}

func (j *jar) openJSON(_ context.Context, value string) (string, error) {
	return j.signer.Unsign(value, signing.NoMaxAge)
}

func (j *jar) openHash(_ context.Context, value string) (string, error) {
	hash, text, _ := strings.Cut(value, "$")
	for _, mac := range j.hashes {
		if hmac.Equal([]byte(hash), []byte(hashOf(mac, text))) {
			return text, nil
		}
	}
	return "", signing.ErrSignatureMismatch
}

func hashOf(mac *signing.MAC, text string) string {
	return hex.EncodeToString(mac.AppendSum(nil, text))
}

// write returns the value for a list, quoted for the cookie.
func (j *jar) write(ctx context.Context, list []*record, finished bool) (string, error) {
	text := j.encodeList(list, false, finished)
	switch {
	case len(text) > j.max:
		return "", nil
	case j.writesHash():
		return cookie.Quote(hashOf(j.hashes[0], text) + "$" + text), nil
	case j.writesJSON():
		return cookie.Quote(j.signer.Sign(text)), nil
	}
	data, err := j.signer.AppendPayload(ctx, nil, []byte(text), true)
	return string(data), err
}

// fit returns the value for as many records as the cookie can hold: the first ones, or the
// last ones. The other records are those of rest.
func (j *jar) fit(ctx context.Context, list []*record, last bool) (value string, rest []*record, err error) {
	try := func(list []*record, finished bool) bool {
		value = ""
		if err == nil {
			value, err = j.write(ctx, list, finished)
		}
		return err == nil && value != "" && len(value) <= maxCookie
	}
	if try(list, true) {
		return value, nil, nil
	}
	// The number of records that do not fit.
	n := sort.Search(len(list), func(n int) bool {
		return try(part(list, n, last), false)
	})
	try(part(list, n, last), false)
	if last {
		return value, list[:n], err
	}
	return value, list[len(list)-n:], err
}

// part returns the list without its first n records, or without its last n.
func part(list []*record, n int, last bool) []*record {
	if last {
		return list[n:]
	}
	return list[:len(list)-n]
}
