package django

import (
	"context"
	"errors"
	"net/http"

	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/internal/response"
)

// Middleware gives every request its session and saves it, as Django's SessionMiddleware
// does. The session is loaded when [Sessions.Get] first asks for it. It is saved, and its
// cookie set or deleted, before the first byte of the response is sent.
//
//   - A changed session, or any with SESSION_SAVE_EVERY_REQUEST, is saved and its cookie
//     set, unless the status is 5xx.
//   - If the session was used and the cookie names none, the cookie is deleted.
//   - Vary: Cookie is sent if the session was used, and with every cookie.
//   - A session cookie that the handler sets, such as a proxied Django's, is kept.
//   - If the store failed, or the session cannot be read or was deleted meanwhile, the
//     [ErrorHandler] answers in place of the handler's headers and body, even if the
//     handler ignored the error, and the request's context is canceled.
//   - Handlers may stream and flush. A change after the headers were sent is saved when the
//     handler returns, if the browser has the session's cookie; otherwise [ErrHeadersSent] is
//     logged.
//   - Hijack saves a session whose cookie the browser has. Otherwise it returns
//     [ErrHeadersSent], and the handler can still answer in another way. To send a new cookie
//     with the handshake, call w.WriteHeader(http.StatusSwitchingProtocols) before Hijack.
//   - A session that was stored under a new key before the request failed, or was
//     answered 5xx, gets its cookie: nothing is stored under the old key.
//   - If the handler panics, nothing is saved.
//
// The session is saved even if the client has disconnected, within [WithTimeout] and the
// deadline of the request's context.
func (ss *Sessions) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := &request{site: ss, context: requestContext{Context: r.Context()}}
		q.context.q = q
		q.key, q.hasCookie = cookie.Get(r.Header, ss.settings.SessionCookieName)
		q.r = r.WithContext(&q.context)
		returned := false
		defer func() {
			response.HandBack(r, q.r)
			q.end(returned)
			q.context.end()
		}()
		q.out.Start(w, q)
		next.ServeHTTP(q.out.Wrap(), q.r)
		// Not deferred: if the handler panics, nothing is saved.
		q.out.Finish()
		returned = true
	})
}

// Get returns the session of r, which it loads when it is first called for this request.
// Django's request.session. r must have passed through [Sessions.Middleware], or be derived
// from a request that did; otherwise the error is [ErrNoMiddleware].
//
// A cookie that names no valid session gives a new, empty session. On an error, call
// [Sessions.HandleError] and return. If the store failed (status 503) or the session cannot
// be read ([ErrCorrupt], [ErrUnreadable], [ErrTooLarge]; status 500), Get returns the same
// error for the whole request, and the middleware answers whatever the handler does. If only
// a context derived from the request's ended, only this call fails.
func (ss *Sessions) Get(r *http.Request) (*Session, error) { return ss.FromContext(r.Context()) }

// FromContext is [Sessions.Get] for code that only has the request's context, or one
// derived from it.
func (ss *Sessions) FromContext(ctx context.Context) (*Session, error) {
	q, err := ss.request(ctx)
	if err != nil {
		return nil, err
	}
	return q.load(ctx)
}

// Serves reports whether ctx belongs to a request that passed through [Sessions.Middleware].
// It loads nothing. For a middleware that must be inside that one.
func (ss *Sessions) Serves(ctx context.Context) bool {
	_, err := ss.request(ctx)
	return !errors.Is(err, ErrNoMiddleware)
}

// request returns the request that ctx belongs to.
func (ss *Sessions) request(ctx context.Context) (*request, error) {
	switch v := ctx.Value(contextKey{ss.codec}).(type) {
	case *request:
		return v, nil
	case error:
		return nil, v
	}
	return nil, ErrNoMiddleware
}
