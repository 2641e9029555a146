package csrf

import (
	"context"
	"errors"
	"log/slog"
	"mime/multipart"
	"net/http"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/internal/response"
)

// Middleware refuses forged requests and gives the others their [Token], as
// Django's CsrfViewMiddleware does. It goes inside the sessions' middleware, as in
//
//	sessions.Middleware(protection.Middleware(mux))
//
// What it does:
//
//   - The cookie is set, with Vary: Cookie, if a token was asked for or rotated.
//     Django 4.0 and later also replace one that cannot hold a secret.
//   - With CSRF_USE_SESSIONS the secret is stored in the session instead.
//   - A POST form is read, for its token, before the handler is called, which
//     finds it in r.PostForm and r.MultipartForm: 10 MB at the most if it is
//     urlencoded; of a multipart form 2.5 MB of files and 12.5 MB in all in
//     memory, and larger files in temporary ones, which are removed when the
//     handler returns. How much comes to the disk, and how long it may take, is
//     for http.MaxBytesHandler, outside, and http.Server.ReadTimeout to bound.
//     Other bodies, JSON for instance, are left to the handler.
//   - Handlers may stream, flush and hijack. One that hijacks writes its own
//     headers, and has to send those of w.Header(), too.
//   - A cookie of this name that the handler sets itself is left alone.
//   - If the handler panics, nothing is stored.
//
// A route that is proxied to Django is to be left outside, or exempt: Django
// checks it itself, and needs the body.
func (p *Protection) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := &request{p: p}
		q.r = r.WithContext(context.WithValue(r.Context(), contextKey{}, q))
		if !p.settings.CSRFUseSessions {
			_ = q.readSecret() // a cookie is there to be read
		}
		out := response.New(w, q)
		defer q.removeFiles(r.MultipartForm)
		q.serve(out.Wrap(), next)
		out.Finish()
	})
}

func (q *request) serve(w http.ResponseWriter, next http.Handler) {
	err := q.check()
	if err == nil {
		next.ServeHTTP(w, q.r)
		return
	}
	var refused *Error
	if !errors.As(err, &refused) {
		q.Fail(w, err)
		return
	}
	attrs := []slog.Attr{slog.String("reason", refused.text), slog.String("method", q.r.Method), slog.String("path", q.r.URL.Path)}
	if refused.cause != nil {
		attrs = append(attrs, slog.String("form", "could not be read"))
	}
	q.p.logger.LogAttrs(q.r.Context(), slog.LevelWarn, "Forbidden", attrs...)
	q.p.onError(w, q.r, refused)
}

// check returns an *Error if the request is to be refused, and another error if
// the session failed.
func (q *request) check() error {
	switch q.r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return nil
	}
	if q.p.exempt(q.r) {
		return nil
	}
	if err := q.p.checkSource(q.r); err != nil {
		return err
	}
	return q.checkToken()
}

// removeFiles removes the temporary files of a form that was read here: the
// server does so only for the request that it made itself.
func (q *request) removeFiles(before *multipart.Form) {
	if form := q.r.MultipartForm; form != nil && form != before {
		_ = form.RemoveAll()
	}
}

// Commit implements response.Hooks.
func (q *request) Commit(h http.Header, _ int) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.pending {
		return nil
	}
	q.pending, q.fresh = false, false
	if q.p.settings.CSRFUseSessions {
		return q.storeInSession()
	}
	if !cookie.Sets(h, q.p.settings.CSRFCookieName) {
		cookieOf(&q.p.settings, q.store).Add(h, q.p.sessions.Now())
		cookie.Vary(h)
	}
	return nil
}

// Hijack implements response.Hooks. The secret stays to be sent in case that the
// connection cannot be hijacked.
func (q *request) Hijack(h http.Header) error {
	q.mu.Lock()
	pending, fresh := q.pending, q.fresh
	q.mu.Unlock()
	err := q.Commit(h, http.StatusSwitchingProtocols)
	if !q.p.settings.CSRFUseSessions {
		q.mu.Lock()
		q.pending, q.fresh = pending, fresh
		q.mu.Unlock()
	}
	return err
}

// storeInSession has the session's middleware, around this one, save the secret.
func (q *request) storeInSession() error {
	s, err := q.p.sessions.Get(q.r)
	if err != nil {
		return err
	}
	if now, err := django.Value(s, sessionKey, ""); err == nil && now == q.store {
		return nil
	}
	return s.Set(sessionKey, q.store)
}

// Fail implements response.Hooks. An error of the session is answered by the
// session's middleware; what is left is that there is none.
func (q *request) Fail(w http.ResponseWriter, err error) {
	q.p.sessions.HandleError(w, q.r, err)
}

// Sealed implements response.Hooks.
func (q *request) Sealed() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pending, q.fresh = false, false
}

// Late implements response.Hooks. A session can still be saved, unless it needs a
// new cookie itself, of which its own middleware takes care.
func (q *request) Late(int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.pending {
		return
	}
	var err error
	if q.p.settings.CSRFUseSessions {
		err = q.storeInSession()
	} else if q.fresh {
		err = errHeadersSent
	}
	if err != nil {
		q.p.logger.LogAttrs(q.r.Context(), slog.LevelError, "CSRF secret was not stored",
			slog.String("method", q.r.Method), slog.String("path", q.r.URL.Path), slog.Any("error", err))
	}
}

var errHeadersSent = errors.New("csrf: the token was asked for after the response's headers had gone")
