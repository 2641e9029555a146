package auth

import (
	"context"
	"log/slog"
	"net/http"
	"sync"

	"github.com/djsession/djsession/django"
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

	mu    sync.Mutex // guards what follows; nothing else is done while it is held
	turn  slot.Slot  // held by whoever looks up or changes who is logged in; see inTurn
	known bool
	user  User
	err   error
	perms map[string]bool // nil until asked for
	left  error           // why a login was not accepted, until it is logged
}

func (l *Logins) request(ctx context.Context) (*request, error) {
	if q, ok := ctx.Value(contextKey{l}).(*request); ok {
		return q, nil
	}
	return nil, ErrNoMiddleware
}

// session returns the request's session.
func (l *Logins) session(ctx context.Context, q *request) (*django.Session, error) {
	return l.sessions.FromContext(ctx)
}

// User returns the user who is logged in, anonymous if nobody is: see
// [Logins.SessionUser]. The users are asked once for a request at the most, and not at
// all for a visitor without a login; who asks while another goroutine of the request
// does so waits for its answer, as long as r's context and the sessions' timeout allow.
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
	s, err := l.session(ctx, q)
	if err != nil {
		return User{}, err
	}
	bounded, cancel := l.withTimeout(ctx)
	defer cancel()
	u, left, err := l.accept(bounded, s)
	if err != nil && ctx.Err() != nil {
		return u, err // the caller's time was up, which says nothing to others
	}
	q.set(u, left, err)
	return u, err
}

// withTimeout bounds what a request asks of the users as the sessions bound what it
// asks of them.
func (l *Logins) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, l.sessions.Timeout())
}

// answer returns the request's user if it is known.
func (q *request) answer() (u User, err error, known bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.user, q.err, q.known
}

// set notes who is logged in from now on, and why a login in the session was left.
func (q *request) set(u User, left, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.known, q.user, q.err, q.perms = true, u, err, nil
	if left != nil {
		q.left = left
	}
}

// takeLeft returns why a login was left, once.
func (q *request) takeLeft() (left error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	left, q.left = q.left, nil
	return left
}

// logLeft logs that a session's login was not accepted.
func (l *Logins) logLeft(ctx context.Context, left error, attrs ...slog.Attr) {
	if left == nil {
		return
	}
	attrs = append(attrs, slog.Any("reason", left))
	if l.flush {
		l.logger.LogAttrs(ctx, slog.LevelInfo, "login was not accepted, and its session was flushed", attrs...)
		return
	}
	l.logger.LogAttrs(ctx, slog.LevelWarn, "login was not accepted; its session is left to Django, and the request goes on with a new one", attrs...)
}
