package auth

import (
	"context"
	"net/http"
	"sync"

	"github.com/djsession/djsession/django"
)

// Middleware gives every request its user, who is looked up when [Logins.User]
// first asks for him, and not before. It goes inside the sessions' middleware.
// Django's AuthenticationMiddleware.
func (l *Logins) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{l}, new(request))))
	})
}

// contextKey tells the requests of one site's logins from another's.
type contextKey struct{ logins *Logins }

// request is what is known of one request's user.
type request struct {
	mu    sync.Mutex
	known bool
	user  User
	err   error
	perms map[string]bool // nil until asked for
}

func (l *Logins) request(r *http.Request) (*request, error) {
	if q, ok := r.Context().Value(contextKey{l}).(*request); ok {
		return q, nil
	}
	return nil, ErrNoMiddleware
}

// begin returns what is known of the request's user, which the caller then has to
// unlock, and its session.
func (l *Logins) begin(r *http.Request) (*request, *django.Session, error) {
	q, err := l.request(r)
	if err != nil {
		return nil, nil, err
	}
	s, err := l.sessions.Get(r)
	if err != nil {
		return nil, nil, err
	}
	q.mu.Lock()
	return q, s, nil
}

// User returns the user who is logged in, anonymous if nobody is: see
// [Logins.SessionUser]. The users are asked once for a request at the most, and
// not at all for a visitor without a login. An error means that nobody can tell:
// answer the request with it, [Logins.RequireLogin] does, and do not go on as if
// the visitor were anonymous. Django's request.user.
func (l *Logins) User(r *http.Request) (User, error) {
	q, err := l.request(r)
	if err != nil {
		return User{}, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return l.userOf(q, r)
}

func (l *Logins) userOf(q *request, r *http.Request) (User, error) {
	if q.known {
		return q.user, q.err
	}
	s, err := l.sessions.Get(r)
	if err != nil {
		return User{}, err
	}
	ctx, cancel := l.withTimeout(r)
	defer cancel()
	u, err := l.SessionUser(ctx, s)
	if err != nil && r.Context().Err() != nil {
		return u, err // r may be a part of the request that ended before it
	}
	q.known, q.user, q.err = true, u, err
	return u, err
}

// withTimeout bounds what a request asks of the users as the sessions bound what it
// asks of them.
func (l *Logins) withTimeout(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(r.Context(), l.sessions.Timeout())
}

// set notes who is logged in from now on.
func (q *request) set(u User) {
	q.known, q.user, q.err, q.perms = true, u, nil, nil
}
