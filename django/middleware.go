package django

import (
	"context"
	"errors"
	"net/http"
	"sync"

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
//   - A store that failed, even if the handler took no notice, or a session that
//     was deleted meanwhile, is answered by the [ErrorHandler], in place of the
//     handler's headers and body.
//   - Handlers may stream, flush and hijack. A change made after the headers
//     have gone is saved when the handler returns, if the session already had its
//     cookie; if not, it is logged as [ErrHeadersSent].
//   - A handler that hijacks writes its own headers: it has to send those of
//     w.Header() too, which hold the session's cookie once it has hijacked.
//   - A session that was stored under a new key before the request failed, or was
//     answered 5xx, gets its cookie all the same: it is gone from under the old one.
//   - If the handler panics, nothing is saved.
//
// The session is saved even if the client has gone by then, within the time of
// [WithTimeout] or the deadline of the request's context.
func (ss *Sessions) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := &request{site: ss}
		q.key, q.hasCookie = cookie.Get(r.Header, ss.settings.SessionCookieName)
		q.r = r.WithContext(context.WithValue(r.Context(), contextKey{ss.codec}, q))
		out := response.New(w, q)
		next.ServeHTTP(out.Wrap(), q.r)
		// Not deferred: if the handler panics, nothing is to be saved.
		out.Finish()
		q.end()
	})
}

// contextKey tells the requests of one site's sessions from another's.
type contextKey struct{ codec *Codec }

// Get returns the session of r, which it loads from the store when called for
// the first time for this request. r must have passed through
// [Sessions.Middleware], or come from a request that did; otherwise the error is
// [ErrNoMiddleware].
//
// A cookie that names no session, or none that is still valid, gives a new, empty
// session under a key of its own. A store that fails is an error, never an empty
// session: the same error for this whole request, which the middleware logs and
// answers with 503 whatever the handler does, so that the handler just returns.
// Django's request.session.
func (ss *Sessions) Get(r *http.Request) (*Session, error) {
	q, ok := r.Context().Value(contextKey{ss.codec}).(*request)
	if !ok {
		return nil, ErrNoMiddleware
	}
	return q.load(r.Context())
}

var errRequestOver = errors.New("django: the session was asked for after its request had been answered")

// request is the session of one request, loaded or not. It commits that session
// before the response leaves.
type request struct {
	site      *Sessions
	r         *http.Request
	key       string // of the cookie
	hasCookie bool

	mu      sync.Mutex
	session *Session // nil until loaded
	found   bool     // under key
	err     error    // of loading
	sealed  bool     // the headers have gone
}

func (q *request) load(ctx context.Context) (*Session, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.session == nil && q.err == nil {
		ctx, cancel := context.WithTimeout(ctx, q.site.timeout)
		defer cancel()
		q.session, q.err = q.site.load(ctx, q.key)
		if q.session != nil {
			q.session.accessed = true
			q.found = q.session.stored.Key != ""
			q.session.sealed = q.sealed
		}
	}
	return q.session, q.err
}

// end lets go of the session: a context that outlives the request, in a timer say,
// must not hold its data.
func (q *request) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.session, q.err = nil, errRequestOver
}

// loaded returns the session if it was asked for.
func (q *request) loaded() (*Session, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.session, q.err
}

// failed reports whether the commit cannot but fail.
func (q *request) failed() bool {
	s, err := q.loaded()
	if s == nil {
		return err != nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed != nil
}

// Sealed implements response.Hooks: no new cookie can leave any more.
func (q *request) Sealed() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sealed = true
	if q.session != nil {
		q.session.mu.Lock()
		q.session.sealed = true
		q.session.mu.Unlock()
	}
}

// Fail implements response.Hooks.
func (q *request) Fail(w http.ResponseWriter, err error) {
	q.logError("request failed for its session", err)
	if s, _ := q.loaded(); s != nil {
		s.mu.Lock()
		if s.movedFrom(q) {
			cookie.Vary(w.Header())
			_ = s.addCookie(w.Header()) // without a usable expiry there is no cookie
		}
		s.mu.Unlock()
	}
	q.site.onError(w, q.r, err)
}

func (q *request) logError(msg string, err error) { q.site.logError(q.r, msg, err) }
