package auth

import (
	"context"
	"net/http"

	"github.com/djsession/djsession/auth/hashers"
	"github.com/djsession/djsession/django"
)

// ChangePassword stores a new password of u and keeps the request's session logged in, under
// a new key and with the new session hash. All other sessions of u end, on both sides. It
// returns u with the new password. Django's set_password, save and update_session_auth_hash,
// in the right order. Validate the password before, as Django's AUTH_PASSWORD_VALIDATORS do.
//
// If another user than u is logged in, they stay logged in, under a new key. If nobody is, the
// error is [ErrNotLoggedIn]: use [Logins.SetPassword].
//
// An error of the Users leaves open whether the password was stored, and so does
// django.ErrHeadersSent, since another goroutine may send the headers meanwhile; after any
// other error nothing has changed. If the password was stored although ChangePassword or the
// response fails, this session ends with the others, and the user logs in with the new
// password.
func (l *Logins) ChangePassword(r *http.Request, u User, password string) (User, error) {
	now, err := l.User(r)
	if err == nil && !now.IsAuthenticated() {
		err = ErrNotLoggedIn
	}
	if err != nil {
		return u, err
	}
	return l.setPassword(r.Context(), u, password, func(_ context.Context, changed User) error {
		return l.updateRequest(r, changed, l.storePassword)
	})
}

// SetPassword stores a new password of the user, which ends all their sessions, on both
// sides, and returns the user with it. For a user who changes their own password it is
// [Logins.ChangePassword]. Django's set_password and save. The error is [ErrReadOnly],
// [ErrNoUser], that of the Users, [hashers.ErrPassword] or [hashers.ErrBusy].
func (l *Logins) SetPassword(ctx context.Context, u User, password string) (User, error) {
	return l.setPassword(ctx, u, password, l.storePassword)
}

// setPassword calls store with the user and the hash of the new password.
func (l *Logins) setPassword(ctx context.Context, u User, password string, store func(context.Context, User) error) (User, error) {
	changed := u
	encoded, err := l.makePassword(ctx, password)
	if err == nil {
		changed.Password, changed.EmptyPassword = encoded, false
		err = store(ctx, changed)
	}
	if err != nil {
		return u, err
	}
	return changed, nil
}

// SetUnusablePassword makes every password check of the user fail. Django's
// set_unusable_password and save.
func (l *Logins) SetUnusablePassword(ctx context.Context, u User) (User, error) {
	changed := u
	changed.Password, changed.EmptyPassword = hashers.Unusable(), false
	if err := l.storePassword(ctx, changed); err != nil {
		return u, err
	}
	return changed, nil
}

// storePassword stores the password hash of u.
func (l *Logins) storePassword(ctx context.Context, u User) error {
	setter, ok := l.users.(PasswordSetter)
	if !ok {
		return ErrReadOnly
	}
	if !u.IsAuthenticated() {
		return ErrNoUser
	}
	done, err := l.replacePassword(ctx, setter, u.ID, "", u.Password)
	if err == nil && !done {
		err = ErrNoUser
	}
	return err
}

// UpdateSessionAuthHash is the second half of [Logins.ChangePassword], for a password that
// was stored by other means: it gives the request's session a new key and, if u is the user
// who is logged in, the hash of their new password. Django's update_session_auth_hash.
//
// Call [Logins.User] before the password changes, as RequireLogin does: afterwards the
// session's hash does not match, and the error is [ErrNotLoggedIn]. Once the response's
// headers are sent, the error is django.ErrHeadersSent.
func (l *Logins) UpdateSessionAuthHash(r *http.Request, u User) error {
	return l.updateRequest(r, u, func(context.Context, User) error { return nil })
}

// updateRequest gives the request's session a new key and the hash of u. It calls store, which
// stores the password of u, after everything that may fail.
func (l *Logins) updateRequest(r *http.Request, u User, store func(context.Context, User) error) error {
	return l.withSession(r.Context(), func(ctx context.Context, q *request, s *django.Session) error {
		now, err := l.userOf(ctx, q)
		switch {
		case err != nil:
			return err
		case !now.IsAuthenticated():
			return ErrNotLoggedIn
		case s.Sealed():
			return django.ErrHeadersSent
		}
		var hash string
		if now.ID == u.ID {
			if hash, err = l.hash.make(u); err != nil {
				return err
			}
		}
		if err := store(ctx, u); err != nil {
			return err
		}
		if s.Sealed() { // another goroutine began the response meanwhile
			return django.ErrHeadersSent
		}
		s.CycleKey()
		if now.ID != u.ID {
			return nil
		}
		u.Backend = now.Backend
		q.set(known{user: u})
		return s.Set(hashSessionKey, hash)
	})
}

// UpdateHash is [Logins.UpdateSessionAuthHash] for the session s, which the caller then
// saves. Call [Logins.SessionUser] before the password changes: UpdateHash cannot check the
// hash that the session holds. A session without a login is [ErrNotLoggedIn].
func (l *Logins) UpdateHash(s *django.Session, u User) error {
	raw, ok := s.Get(sessionKey)
	if !ok {
		return ErrNotLoggedIn
	}
	if id, ok := l.users.ReadID(raw); ok && id == u.ID {
		hash, err := l.hash.make(u)
		if err == nil {
			err = s.Set(hashSessionKey, hash)
		}
		if err != nil {
			return err
		}
	}
	s.CycleKey()
	return nil
}
