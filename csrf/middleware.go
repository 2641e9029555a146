package csrf

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/djsession/djsession/internal/csrfctx"
	"github.com/djsession/djsession/internal/response"
)

// Middleware rejects forged requests, and lets the handlers of all others use
// [Protection.Token]. It must be inside the sessions' middleware. Routes that are proxied
// to Django must be outside or exempt: Django checks them, and needs the body. Django's
// CsrfViewMiddleware.
//
// The secret is stored, in a cookie or the session, if a token was asked for or rotated,
// but not if the handler panics. A cookie of this name that the handler sets is kept.
//
// A POST form without a valid token in the header is read for its token, and the handler
// can read it again. An urlencoded form may have 10 MB; of a multipart form 2.5 MB stay in
// memory, and the rest goes to a temporary file. Bound size and time with
// http.MaxBytesHandler, outside, and http.Server.ReadTimeout.
//
// Handlers may stream, flush and hijack; one that hijacks must send w.Header() itself.
// Middlewares of several sites can be nested, and each keeps its own secret.
func (p *Protection) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := p.request(r)
		if q == nil {
			outer := r
			q = &request{p: p}
			r = r.WithContext(csrfctx.With(r.Context(), p.sessions, q))
			q.r = r
			defer response.HandBack(outer, r)
		}
		if !p.settings.CSRFUseSessions {
			_, _ = q.readSecret(r) // reading the cookie costs and changes nothing
		}
		out := new(response.Response)
		out.Start(w, q)
		p.serve(out, q, r, next)
		out.Finish()
	})
}

func (p *Protection) serve(out *response.Response, q *request, r *http.Request, next http.Handler) {
	var body *spool
	defer func() { body.remove() }()
	w := out.Wrap()
	err := p.check(q, r, &body)
	if err == nil {
		next.ServeHTTP(w, r)
		return
	}
	var rejected *Error
	if !errors.As(err, &rejected) {
		p.sessions.HandleError(w, r, err)
		return
	}
	attrs := []slog.Attr{slog.String("reason", rejected.text), slog.String("method", r.Method), slog.String("path", r.URL.Path)}
	if rejected.cause != nil {
		form := "could not be read" // the cause may quote it
		if rejected.cause == errTooManyFields {
			form += ": more fields than DATA_UPLOAD_MAX_NUMBER_FIELDS"
		}
		attrs = append(attrs, slog.String("form", form))
	}
	p.logger.LogAttrs(r.Context(), slog.LevelWarn, "Forbidden", attrs...)
	p.onError(w, r, rejected)
	if !out.Begun() {
		w.WriteHeader(http.StatusForbidden)
	}
}
