package auth

import (
	"context"
	"net/http"

	"github.com/djsession/djsession/auth/hashers"
	"github.com/djsession/djsession/django"
)

// SetPassword stores a new password of the user and returns them with it. It ends all
// their sessions, on both sides; [Logins.UpdateSessionAuthHash] keeps the present one.
// Django's set_password and save. The caller has to validate the password, as Django's
// AUTH_PASSWORD_VALIDATORS do. If too many passwords are being hashed for longer than the
// sessions' timeout, the error is [hashers.ErrBusy]. The Users are asked no longer than that
// either.
func (l *Logins) SetPassword(ctx context.Context, u User, password string) (User, error) {
	encoded, err := l.makePassword(ctx, password)
	if err != nil {
		return u, err
	}
	return l.storePassword(ctx, u, encoded)
}

// SetUnusablePassword makes every password check of the user fail. Django's
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
	ctx, cancel := l.withTimeout(ctx)
	defer cancel()
	done, err := setter.SetPassword(ctx, u.ID, "", encoded)
	switch {
	case err != nil:
		return u, err
	case !done:
		return u, ErrNoUser
	}
	u.Password, u.EmptyPassword = encoded, false
	return u, nil
}

// UpdateSessionAuthHash gives the request's session a new key, and, if u is the user who
// is logged in by it, the hash of their new password, so that they stay logged in when
// their other sessions end. u is as [Logins.SetPassword] returned it. Django's
// update_session_auth_hash.
//
// [Logins.User] must have been asked before the password was changed, as RequireLogin
// does: afterwards the session's hash no longer matches, and the error is
// [ErrNotLoggedIn]. Once the response's headers have gone, it is django.ErrHeadersSent.
func (l *Logins) UpdateSessionAuthHash(r *http.Request, u User) error {
	q, err := l.request(r.Context())
	if err != nil {
		return err
	}
	return l.inTurn(r.Context(), q, func(ctx context.Context) error {
		now, err := l.userOf(ctx, q)
		if err != nil {
			return err
		}
		if !now.IsAuthenticated() {
			return ErrNotLoggedIn
		}
		s, err := l.sessions.FromContext(ctx)
		if err != nil {
			return err
		}
		if s.Sealed() {
			return django.ErrHeadersSent
		}
		if now.ID != u.ID {
			s.CycleKey()
			return nil
		}
		if err := l.updateHash(s, u); err != nil {
			return err
		}
		u.Backend = now.Backend
		q.set(u, nil, nil)
		return nil
	})
}

// UpdateHash is [Logins.UpdateSessionAuthHash] for the session s, which is then to be
// saved. [Logins.SessionUser] must have accepted its login before the password was
// changed: whether the hash that it holds was right can no longer be checked. A session
// without a login is [ErrNotLoggedIn].
func (l *Logins) UpdateHash(s *django.Session, u User) error {
	raw, ok := s.Get(sessionKey)
	if !ok {
		return ErrNotLoggedIn
	}
	if id, ok := l.users.ReadID(raw); !ok || id != u.ID {
		s.CycleKey()
		return nil
	}
	return l.updateHash(s, u)
}

func (l *Logins) updateHash(s *django.Session, u User) error {
	if !u.hasPassword() {
		return ErrNoPassword
	}
	hash, err := l.hash.make(u)
	if err != nil {
		return err
	}
	if err := s.Set(hashSessionKey, hash); err != nil {
		return err
	}
	s.CycleKey()
	return nil
}
