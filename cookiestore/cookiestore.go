package cookiestore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/base62"
	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/internal/engines"
	"github.com/djsession/djsession/internal/fault"
	"github.com/djsession/djsession/signing"
)

// MaxCookie is how long a cookie can be with its name and attributes, in bytes. Browsers may
// drop a longer one without notice, and keep the old one.
const MaxCookie = 4096

// ErrTooLarge is returned by a save of a session whose cookie would be longer than
// [MaxCookie], and longer than the one that the browser has sent. No cookie is set, so the
// browser keeps the session as it was. Django sets the cookie. It matches
// [django.ErrTooLarge].
var ErrTooLarge = fault.New("cookiestore: session does not fit into a cookie", django.ErrTooLarge)

// Engine opens a store; hand it to django.New.
type Engine struct{}

// New returns the engine for SESSION_ENGINE =
// "django.contrib.sessions.backends.signed_cookies".
func New() Engine { return Engine{} }

// Serves implements django.Engine: the signed_cookies engine, and a site's own subclasses of
// it.
func (Engine) Serves(sessionEngine string) bool {
	return engines.Serves("cookiestore.New", sessionEngine)
}

// Open implements django.Engine.
func (Engine) Open(site django.Site) (django.Store, error) {
	codec, err := site.Codec.WithSalt("django.contrib.sessions.backends.signed_cookies")
	return &store{codec, site.Settings}, err
}

// store is the django.Store of the engine.
type store struct {
	codec    *django.Codec
	settings django.Settings
}

// Capabilities implements django.Store.
func (s *store) Capabilities() django.Capabilities {
	return django.Capabilities{Expires: true, ChoosesKeys: true, Format: s.codec.Format()}
}

// Load implements django.Store.
func (s *store) Load(ctx context.Context, key string, now time.Time) (django.Record, error) {
	rec, err := s.codec.Record(ctx, key, key)
	err = cmp.Or(err, ctx.Err())
	switch {
	case err != nil:
	case errors.Is(rec.Corrupt, signing.ErrNoSeparator), // another engine's key
		rec.Corrupt == nil && s.tooOld(key, now):
		err = django.ErrNotFound
	default:
		return rec, nil
	}
	return django.Record{}, err
}

// tooOld reports whether a well-signed key is older than SESSION_COOKIE_AGE.
func (s *store) tooOld(key string, now time.Time) bool {
	signed := key[:strings.LastIndexByte(key, ':')]
	at, err := base62.Float(signed[strings.LastIndexByte(signed, ':')+1:])
	return err == nil && float64(now.UnixMicro())/1e6-at > float64(s.settings.SessionCookieAge)
}

// Create implements django.Store.
func (s *store) Create(ctx context.Context, w django.Write) (django.Record, error) {
	return s.sign(ctx, w, 0)
}

// sign returns the record of w. A key of up to kept bytes is not too long.
func (s *store) sign(ctx context.Context, w django.Write, kept int) (django.Record, error) {
	key, err := s.codec.Encode(ctx, w.Data)
	if err := cmp.Or(err, ctx.Err()); err != nil {
		return django.Record{}, err
	}
	if n := s.cookieLength(key, w); n > MaxCookie && len(key) > kept {
		return django.Record{}, fmt.Errorf("%w: the cookie would have %d bytes with its name and attributes, and browsers drop one of more than %d: keep less in the session, or choose another SESSION_ENGINE",
			ErrTooLarge, n, MaxCookie)
	}
	return django.Record{Key: key, Version: key}, nil
}

// cookieLength is the length of a key's cookie in a response, if it does not end with the browser.
func (s *store) cookieLength(key string, w django.Write) int {
	h := http.Header{}
	cookie.Cookie{
		Name:     s.settings.SessionCookieName,
		Value:    key,
		Domain:   s.settings.SessionCookieDomain,
		Path:     s.settings.SessionCookiePath,
		SameSite: string(s.settings.SessionCookieSameSite),
		Secure:   s.settings.SessionCookieSecure,
		HTTPOnly: s.settings.SessionCookieHTTPOnly,
		Age:      int64(w.Age / time.Second),
	}.Add(h, w.Expires)
	return len(h.Get("Set-Cookie"))
}

// Save implements django.Store.
func (s *store) Save(ctx context.Context, old django.Record, w django.Write) (django.Record, error) {
	if w.Data == nil {
		rec, err := s.codec.Record(ctx, old.Key, old.Key)
		if err != nil {
			return django.Record{}, err
		}
		w.Data = rec.Data
	}
	kept := 0
	if old.Corrupt == nil {
		kept = len(old.Key) // by a browser that counts otherwise
	}
	return s.sign(ctx, w, kept)
}

// Delete implements django.Store: the middleware removes the cookie.
func (*store) Delete(context.Context, string) error { return nil }

// ClearExpired implements django.Store.
func (*store) ClearExpired(context.Context, time.Time) (int64, error) { return 0, nil }
