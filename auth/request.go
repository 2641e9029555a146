package auth

import (
	"context"
	"net/http"
	"sync"

	"github.com/djsession/djsession/internal/response"
	"github.com/djsession/djsession/internal/slot"
)

// Middleware gives every request its user, who is looked up when [Logins.User] first
// asks for them, and not before. It goes inside the sessions' middleware. Django's
// AuthenticationMiddleware.
func (l *Logins) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := new(request)
		q.r = r.WithContext(context.WithValue(r.Context(), contextKey{l}, q))
		defer response.HandBack(r, q.r)
		next.ServeHTTP(w, q.r)
	})
}

// contextKey tells the requests of one site's logins from another's.
type contextKey struct{ logins *Logins }

// request is what is known of one request's user.
type request struct {
	r *http.Request

	mu       sync.Mutex // guards what follows; nothing else is done while it is held
	slot     slot.Slot  // held by whoever looks up or changes who is logged in; see inTurn
	turn     *turn      // that runs; nil if none does
	known    bool
	user     User
	err      error
	perms    map[string]bool // nil until asked for
	rejected *rejection      // until it is logged
}

func (l *Logins) request(ctx context.Context) (*request, error) {
	if q, ok := ctx.Value(contextKey{l}).(*request); ok {
		return q, nil
	}
	return nil, ErrNoMiddleware
}

// User returns the user who is logged in, anonymous if nobody is: see
// [Logins.SessionUser]. The users are asked once for a request at the most, and not at
// all for a visitor without a login. Calls of several goroutines of the request share one
// look-up, and wait for it as long as their context and the sessions' timeout allow.
//
// An error means that it is unknown who is logged in: answer the request with it, as
// [Logins.RequireLogin] does, and do not go on as if the visitor were anonymous. One
// error is [ErrReentrant]. Django's request.user.
func (l *Logins) User(r *http.Request) (User, error) { return l.FromContext(r.Context()) }

// FromContext is [Logins.User] for code that has no request: ctx is the request's
// context, or derived from it.
func (l *Logins) FromContext(ctx context.Context) (User, error) {
	q, err := l.request(ctx)
	if err != nil {
		return User{}, err
	}
	if u, err, known := q.answer(); known {
		return u, err
	}
	var u User
	err = l.inTurn(ctx, q, func(ctx context.Context) error {
		u, err = l.userOf(ctx, q)
		return err
	})
	return u, err
}

// userOf returns the request's user, whom it looks up if nobody has yet. The caller
// has the turn.
func (l *Logins) userOf(ctx context.Context, q *request) (User, error) {
	if u, err, known := q.answer(); known {
		return u, err
	}
	s, err := l.sessions.FromContext(ctx)
	if err != nil {
		return User{}, err
	}
	u, rejected, err := l.accept(ctx, s)
	if err != nil && ctx.Err() != nil {
		return u, err // the caller's context has ended, which concerns no other caller
	}
	q.set(u, rejected, err)
	return u, err
}

// withTimeout bounds a call of the users, or of the store, by the sessions' timeout.
func (l *Logins) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, l.sessions.Timeout())
}

// answer returns the request's user if it is known.
func (q *request) answer() (u User, err error, known bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.user, q.err, q.known
}

// set notes who is logged in from now on, and what is to be logged of a rejected login.
func (q *request) set(u User, rejected *rejection, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.known, q.user, q.err, q.perms = true, u, err, nil
	if rejected != nil {
		q.rejected = rejected
	}
}

// takeRejected returns what is to be logged of a rejected login, once.
func (q *request) takeRejected() (rejected *rejection) {
	q.mu.Lock()
	defer q.mu.Unlock()
	rejected, q.rejected = q.rejected, nil
	return rejected
}
