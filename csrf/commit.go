package csrf

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/internal/response"
)

var errHeadersSent = errors.New("csrf: a new secret was made after the response headers were sent")

// Commit implements response.Hooks.
func (q *request) Commit(h http.Header, _ int) error {
	store, state := q.take()
	return q.commit(h, store, state)
}

func (q *request) commit(h http.Header, store string, state pending) error {
	p := q.p
	switch {
	case state == stored:
	case p.settings.CSRFUseSessions:
		return q.storeInSession(store)
	case !cookie.Sets(h, p.settings.CSRFCookieName):
		p.cookie(store).Add(h, p.sessions.Now())
		cookie.Vary(h)
	}
	return nil
}

// cookie returns the cookie that holds the secret.
func (p *Protection) cookie(value string) cookie.Cookie {
	return cookie.Cookie{
		Name:       p.settings.CSRFCookieName,
		Value:      value,
		Domain:     p.settings.CSRFCookieDomain,
		Path:       p.settings.CSRFCookiePath,
		SameSite:   string(p.settings.CSRFCookieSameSite),
		Secure:     p.settings.CSRFCookieSecure,
		HTTPOnly:   p.settings.CSRFCookieHTTPOnly,
		Age:        p.settings.CSRFCookieAge,
		UntilClose: p.settings.CSRFCookieAge == 0,
	}
}

// storeInSession leaves saving to the session's middleware, outside this one.
func (q *request) storeInSession(store string) error {
	s, err := q.p.sessions.Get(q.r)
	if err != nil {
		return err
	}
	if stored, err := django.Value(s, sessionKey, ""); err == nil && stored == store {
		return nil
	}
	return s.Set(sessionKey, store)
}

// Hijack implements response.Hooks.
func (q *request) Hijack(h http.Header) (undo func(), err error) {
	store, state := q.take()
	return func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.pending = max(q.pending, state)
	}, q.commit(h, store, state)
}

// Fail implements response.Hooks. The session's middleware answers an error of the
// session; other errors, that there is no such middleware, are answered here.
func (q *request) Fail(w http.ResponseWriter, err error) {
	q.p.sessions.HandleError(w, q.r, err)
	response.LeaveToOuter(w)
}

// Late implements response.Hooks. A session can still be saved, unless it needs a new
// cookie, which its own middleware logs.
func (q *request) Late(int) {
	store, state := q.take()
	var err error
	switch {
	case state != stored && q.p.settings.CSRFUseSessions:
		err = q.storeInSession(store)
	case state == fresh:
		err = errHeadersSent
	}
	if err != nil {
		q.p.logger.LogAttrs(q.r.Context(), slog.LevelError, "CSRF secret was not stored",
			slog.String("method", q.r.Method), slog.String("path", q.r.URL.Path), slog.Any("error", err))
	}
}

// Sealed implements response.Hooks.
func (q *request) Sealed() {}

// Gone implements response.Hooks.
func (q *request) Gone() error { return q.r.Context().Err() }
