package csrf

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/internal/csrfctx"
	"github.com/djsession/djsession/internal/response"
)

// Middleware refuses forged requests and gives the others their [Protection.Token], as
// Django's CsrfViewMiddleware does. It goes inside the sessions' middleware, as in
//
//	sessions.Middleware(protection.Middleware(mux))
//
// What it does:
//
//   - The cookie is set, with Vary: Cookie, if a token was asked for or rotated.
//     Django 4.0 and later also replace one that cannot hold a secret.
//   - With CSRF_USE_SESSIONS the secret is stored in the session instead.
//   - The body of a request with a good token in its header is left alone, as are
//     bodies that are no form, JSON for instance.
//   - Other POST forms are read, for their token, before the handler is called,
//     which can then read the same body: 10 MB at the most if it is urlencoded;
//     of a multipart form 2.5 MB stay in memory, and what is larger goes to a
//     temporary file, which is removed when the handler returns. If the file
//     cannot be written, the disk being full for instance, the session's error
//     handler answers, 503 by default, and the cause is logged. How large a form may
//     be, and how long it may take, is for http.MaxBytesHandler, outside, and
//     http.Server.ReadTimeout to bound.
//   - Handlers may stream, flush and hijack. One that hijacks writes its own
//     headers, and has to send those of w.Header(), too.
//   - A cookie of this name that the handler sets itself is left alone.
//   - If the handler panics, nothing is stored.
//   - Middlewares of several sites can be nested, each then keeps its own secret,
//     and so can those of one site, which then share one: a request that one of
//     them has checked is not checked again.
//
// A route that is proxied to Django is to be left outside, or exempt: Django
// checks it itself, and needs the body.
func (p *Protection) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q, inner := p.request(r), r
		if q == nil {
			q = &request{p: p}
			inner = r.WithContext(csrfctx.With(r.Context(), p.sessions, q))
			defer response.HandBack(r, inner)
			q.r = inner
		}
		if !p.settings.CSRFUseSessions {
			_, _ = q.readSecret(inner) // a cookie is there to be read
		}
		out := response.New(w, q)
		p.serve(out, q, inner, next)
		out.Finish()
	})
}

func (p *Protection) serve(out *response.Response, q *request, r *http.Request, next http.Handler) {
	var body spool
	defer body.remove()
	w := out.Wrap()
	err := p.check(q, r, &body)
	if err == nil {
		next.ServeHTTP(w, r)
		return
	}
	var refused *Error
	if !errors.As(err, &refused) {
		p.sessions.HandleError(w, r, err)
		return
	}
	attrs := []slog.Attr{slog.String("reason", refused.text), slog.String("method", r.Method), slog.String("path", r.URL.Path)}
	switch {
	case refused.cause == errTooManyFields:
		attrs = append(attrs, slog.String("form", "could not be read: more fields than DATA_UPLOAD_MAX_NUMBER_FIELDS"))
	case refused.cause != nil:
		attrs = append(attrs, slog.String("form", "could not be read")) // the cause may quote the form
	}
	p.logger.LogAttrs(r.Context(), slog.LevelWarn, "Forbidden", attrs...)
	p.onError(w, r, refused)
	if !out.Begun() { // a handler that writes nothing must not turn a refusal into 200
		w.WriteHeader(http.StatusForbidden)
	}
}

// Commit implements response.Hooks.
func (q *request) Commit(h http.Header, _ int) error {
	store, pending, _ := q.take()
	switch {
	case !pending:
		return nil
	case q.p.settings.CSRFUseSessions:
		return q.storeInSession(store)
	case !cookie.Sets(h, q.p.settings.CSRFCookieName):
		cookieOf(&q.p.settings, store).Add(h, q.p.sessions.Now())
		cookie.Vary(h)
	}
	return nil
}

// Hijack implements response.Hooks.
func (q *request) Hijack(h http.Header) (undo func(), err error) {
	q.mu.Lock()
	pending, fresh := q.pending, q.fresh
	q.mu.Unlock()
	return func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.pending, q.fresh = pending, fresh
	}, q.Commit(h, http.StatusSwitchingProtocols)
}

// Gone implements response.Hooks.
func (q *request) Gone() error { return q.r.Context().Err() }

// storeInSession has the session's middleware, around this one, save the secret.
func (q *request) storeInSession(store string) error {
	s, err := q.p.sessions.Get(q.r)
	if err != nil {
		return err
	}
	if now, err := django.Value(s, sessionKey, ""); err == nil && now == store {
		return nil
	}
	return s.Set(sessionKey, store)
}

// Fail implements response.Hooks. An error of the session is answered by the
// session's middleware; what is left is that there is none.
func (q *request) Fail(w http.ResponseWriter, err error) {
	q.p.sessions.HandleError(w, q.r, err)
	if outer, ok := w.(interface{ Begun() bool }); ok && !outer.Begun() {
		w.WriteHeader(http.StatusServiceUnavailable) // so that it answers now
	}
}

// Sealed implements response.Hooks.
func (q *request) Sealed() {}

// Late implements response.Hooks. A session can still be saved, unless it needs a
// new cookie itself, of which its own middleware takes care.
func (q *request) Late(int) {
	store, pending, fresh := q.take()
	if !pending {
		return
	}
	var err error
	if q.p.settings.CSRFUseSessions {
		err = q.storeInSession(store)
	} else if fresh {
		err = errHeadersSent
	}
	if err != nil {
		q.p.logger.LogAttrs(q.r.Context(), slog.LevelError, "CSRF secret was not stored",
			slog.String("method", q.r.Method), slog.String("path", q.r.URL.Path), slog.Any("error", err))
	}
}

var errHeadersSent = errors.New("csrf: the token was asked for after the response's headers had gone")
