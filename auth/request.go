package auth

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/djsession/djsession/internal/response"
	"github.com/djsession/djsession/internal/slot"
)

// Middleware gives every request its user, who is looked up when [Logins.User] is first
// called. It goes inside the sessions' middleware. Django's AuthenticationMiddleware.
func (l *Logins) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q, ctx := new(request), r.Context()
		if users, ok := l.users.(SessionJoiner); ok {
			ctx = users.JoinSession(ctx)
		}
		q.r = r.WithContext(context.WithValue(ctx, contextKey{l}, q))
		defer response.HandBack(r, q.r)
		next.ServeHTTP(w, q.r)
	})
}

// contextKey tells the requests of one site's logins from another's.
type contextKey struct{ logins *Logins }

// request is what is known of one request's user.
type request struct {
	r        *http.Request
	rejected *rejection // to be logged after the turn; only code that has the turn uses it

	slot slot.Slot            // held by the call that has the turn; see inTurn
	turn atomic.Pointer[turn] // the current one

	mu      sync.Mutex // guards what follows; held for nothing else
	isKnown bool
	known   known
}

// known is the user of a request, or why they cannot be known, and their permissions.
type known struct {
	user  User
	err   error
	perms map[string]bool // nil until they are looked up
}

func (q *request) get() (known, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.known, q.isKnown
}

func (q *request) set(k known) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.known, q.isKnown = k, true
}

func (l *Logins) request(ctx context.Context) (*request, error) {
	if q, ok := ctx.Value(contextKey{l}).(*request); ok {
		return q, nil
	}
	return nil, ErrNoMiddleware
}

// User returns the user who is logged in, anonymous if nobody is: see
// [Logins.SessionUser]. Django's request.user. The users are queried at most once per request,
// and not for a visitor without a login. Concurrent calls share one look-up, and wait for it
// as long as their context and the sessions' timeout allow.
//
// An error means that it is unknown who is logged in: do not go on as if the visitor were
// anonymous.
func (l *Logins) User(r *http.Request) (User, error) { return l.FromContext(r.Context()) }

// FromContext is [Logins.User] for code that has no request: ctx is the request's
// context, or derived from it.
func (l *Logins) FromContext(ctx context.Context) (User, error) {
	q, err := l.request(ctx)
	if err != nil {
		return User{}, err
	}
	if k, ok := q.get(); ok {
		return k.user, k.err
	}
	var u User
	err = l.inTurn(ctx, q, func(ctx context.Context) error {
		u, err = l.userOf(ctx, q)
		return err
	})
	return u, err
}

// userOf returns the request's user, and looks them up if need be. The caller has the turn.
func (l *Logins) userOf(ctx context.Context, q *request) (User, error) {
	if k, ok := q.get(); ok {
		return k.user, k.err
	}
	s, err := l.sessions.FromContext(ctx)
	if err != nil {
		return User{}, err
	}
	u, rejected, err := l.accept(ctx, s)
	if err != nil && ctx.Err() != nil {
		return u, err // the caller's context has ended, but not the request's
	}
	q.rejected = rejected
	q.set(known{user: u, err: err})
	return u, err
}

// withTimeout bounds calls of the users, the store and the hashers by the sessions' timeout.
func (l *Logins) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, l.sessions.Timeout())
}
