package django

import (
	"context"
	"net/http"

	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/internal/response"
)

// Middleware gives every request its session and saves it again, attribute for
// attribute as Django's SessionMiddleware does: the session is loaded when
// [Sessions.Get] first asks for it, and not before; it is saved, and its cookie
// set or deleted, before the first byte of the response leaves.
//
//   - A session that was changed, or any under SESSION_SAVE_EVERY_REQUEST, is
//     saved and its cookie set, unless the status is 5xx.
//   - A request whose cookie names no session has that cookie deleted, once the
//     session was asked for.
//   - Vary: Cookie is sent when the session was asked for and with every cookie.
//   - A session cookie that the handler sets itself, a proxied Django for
//     instance, is left alone.
//   - A store that failed, a session that cannot be read, or one that was deleted
//     meanwhile, is answered by the [ErrorHandler], in place of the handler's headers
//     and body, even if the handler ignored the error. The request's context is then
//     canceled, so that a handler that streams comes to an end.
//   - Handlers may stream, flush and hijack. A change made after the headers
//     have gone is saved when the handler returns, if the session already had its
//     cookie; if not, it is logged as [ErrHeadersSent].
//   - A handler that hijacks usually writes headers of its own, without the session's
//     cookie. Therefore Hijack saves only a session whose cookie the browser has; where
//     the browser needs a new one, Hijack returns [ErrHeadersSent], and the handler can
//     still answer in another way. To send a new cookie with the handshake, call
//     w.WriteHeader(http.StatusSwitchingProtocols) before Hijack.
//   - A session that was stored under a new key before the request failed, or was
//     answered 5xx, gets its cookie all the same: there is nothing under the old key.
//   - If the handler panics, nothing is saved.
//
// The session is saved even if the client has gone by then, within the time of
// [WithTimeout] or the deadline of the request's context.
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
		out := response.New(w, q)
		next.ServeHTTP(out.Wrap(), q.r)
		// Not deferred: if the handler panics, nothing is to be saved.
		out.Finish()
		returned = true
	})
}

// Get returns the session of r, which it loads from the store when called for
// the first time for this request. r must have passed through
// [Sessions.Middleware], or come from a request that did; otherwise the error is
// [ErrNoMiddleware].
//
// A cookie that names no session, or none that is still valid, gives a new, empty
// session under a key of its own. A store that fails is an error, never an empty
// session, and so is a session that cannot be read ([ErrCorrupt], [ErrUnreadable],
// [ErrTooLarge]): the same error for this whole request, which the middleware logs and
// answers whatever the handler does, with 503 and 500, so that the handler just returns.
// Only if a context derived from the request's has ended, and not the request's own, Get
// fails for that call alone.
// Django's request.session.
func (ss *Sessions) Get(r *http.Request) (*Session, error) { return ss.FromContext(r.Context()) }

// FromContext is [Sessions.Get] for code that has only the context of a request, or
// one that comes from it.
func (ss *Sessions) FromContext(ctx context.Context) (*Session, error) {
	q := ss.request(ctx)
	if q == nil {
		return nil, ErrNoMiddleware
	}
	return q.load(ctx)
}

// request returns the request that ctx belongs to, nil without Middleware.
func (ss *Sessions) request(ctx context.Context) *request {
	q, _ := ctx.Value(contextKey{ss.codec}).(*request)
	return q
}
