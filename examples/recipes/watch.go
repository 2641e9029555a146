package recipes

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/django"
)

// ErrLoggedOut is why the context of Watch ended: the user logged out, the session moved to
// another key or expired, the password changed, or the user is no longer active.
var ErrLoggedOut = errors.New("recipes: the login has ended")

// sendTimeout is how long a stream or socket waits for a client that does not read.
var sendTimeout = 10 * time.Second

// UserOf returns the user who is logged in by the session under key now, anonymous if nobody
// is. It changes nothing. An error means that it is unknown.
func (s *Site) UserOf(ctx context.Context, key string) (auth.User, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Sessions.Timeout())
	defer cancel()
	session, err := s.Sessions.Load(ctx, key)
	if errors.Is(err, django.ErrNotFound) {
		return auth.User{}, nil
	}
	if err != nil {
		return auth.User{}, err
	}
	verdict, err := s.Logins.Inspect(ctx, session)
	return verdict.User, err
}

// Watch returns a context that ends with the login of user by the session under key, which
// is checked at intervals; context.Cause is then ErrLoggedOut. It also ends if a check fails,
// with that error as its cause. Call cancel when the connection ends.
func (s *Site) Watch(ctx context.Context, key string, user auth.User, every time.Duration) (watched context.Context, cancel func()) {
	watched, end := context.WithCancelCause(ctx)
	go func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-watched.Done():
				return
			case <-ticker.C:
			}
			current, err := s.UserOf(watched, key)
			switch {
			case watched.Err() != nil:
				return
			case err != nil:
				slog.ErrorContext(watched, "login could not be checked", "error", err)
				end(err)
			case current.ID != user.ID:
				end(ErrLoggedOut)
			}
		}
	}()
	return watched, func() { end(nil) }
}

// Require returns the user of a request and its session. If nobody is logged in or it is
// unknown who is, it answers 401 or 503, and ok is false.
func (s *Site) Require(w http.ResponseWriter, r *http.Request) (user auth.User, session *django.Session, ok bool) {
	user, err := s.Logins.User(r)
	if err == nil {
		session, err = s.Sessions.Get(r)
	}
	switch {
	case err != nil:
		s.Sessions.HandleError(w, r, err)
	case !user.IsAuthenticated():
		http.Error(w, "log in first", http.StatusUnauthorized)
	default:
		ok = true
	}
	return user, session, ok
}
