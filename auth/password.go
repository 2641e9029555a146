package auth

import (
	"context"
	"net/http"

	"github.com/djsession/djsession/auth/hashers"
)

// SetPassword stores a new password of the user and returns him with it. It ends
// all his sessions, on both sides; [Logins.UpdateSessionAuthHash] keeps the
// present one. Django's set_password and save. Validating the password, Django's
// AUTH_PASSWORD_VALIDATORS, is up to the caller.
func (l *Logins) SetPassword(ctx context.Context, u User, password string) (User, error) {
	encoded, err := l.hashers.Make(ctx, password)
	if err != nil {
		return u, err
	}
	return l.storePassword(ctx, u, encoded)
}

// SetUnusablePassword has no password match any more. Django's
// set_unusable_password and save.
func (l *Logins) SetUnusablePassword(ctx context.Context, u User) (User, error) {
	return l.storePassword(ctx, u, hashers.Unusable())
}

func (l *Logins) storePassword(ctx context.Context, u User, encoded string) (User, error) {
	setter, ok := l.users.(PasswordSetter)
	if !ok {
		return u, ErrReadOnly
	}
	if !u.IsAuthenticated() {
		return u, ErrNoUser
	}
	done, err := setter.SetPassword(ctx, u.ID, "", encoded)
	switch {
	case err != nil:
		return u, err
	case !done:
		return u, ErrNoUser
	}
	u.Password = encoded
	return u, nil
}

// UpdateSessionAuthHash gives the request's session a new key, and, if u is the
// user who is logged in by it, the hash of his new password, so that he stays
// logged in when his other sessions end. u is as [Logins.SetPassword] returned
// it. [Logins.User] must have been asked before the password was changed, as
// RequireLogin does: afterwards the session's hash no longer fits, it is flushed,
// and the error is [ErrNotLoggedIn]. Django's update_session_auth_hash.
func (l *Logins) UpdateSessionAuthHash(r *http.Request, u User) error {
	q, s, err := l.begin(r)
	if err != nil {
		return err
	}
	defer q.mu.Unlock()
	now, err := l.userOf(q, r)
	if err != nil {
		return err
	}
	if !now.IsAuthenticated() {
		return ErrNotLoggedIn
	}
	s.CycleKey()
	if now.ID != u.ID {
		return nil
	}
	u.Backend = now.Backend
	q.set(u)
	return s.Set(hashSessionKey, l.hash.make(u.Password))
}
