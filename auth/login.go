package auth

import (
	"context"
	"errors"
	"net/http"

	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/djversion"
	"github.com/djsession/djsession/serializer"
)

// Login logs the user in for this request's session: see [Logins.LoginSession]. The CSRF
// token is rotated if the request passed through package csrf's middleware. Whether the
// user may log in must have been checked before, by [Logins.Authenticate] for instance.
// Django's login.
func (l *Logins) Login(r *http.Request, u User) error {
	q, err := l.request(r.Context())
	if err != nil {
		return err
	}
	err = l.inTurn(r.Context(), q, func(ctx context.Context) error {
		s, err := l.session(ctx, q)
		if err != nil {
			return err
		}
		ctx, cancel := l.withTimeout(ctx)
		defer cancel()
		u, left, err := l.login(ctx, s, u)
		if err == nil {
			q.set(u, left, nil)
		}
		return err
	})
	if err == nil {
		csrf.RotateTokenOf(l.sessions, r)
	}
	return err
}

// LoginSession logs the user in for the session s, which is then to be saved. The
// user's last_login is set if the Users record it. A user without a Backend logs in by the
// only one of AUTHENTICATION_BACKENDS, or it is [ErrBackend].
//
// The data of an anonymous session stays, under a new key. The session of another user is
// flushed first, and so is one of the same user under an older secret. If the hash in a
// session of the same user is missing or does not match, or the user id in it cannot be
// read, nothing of that session is kept either, but the stored one is left to Django, as
// [Logins.SessionUser] explains; with [WithFlush] it is flushed.
//
// After an error s is what it was, and whoever was logged in by it still is. The
// error is that of the users or of the store, [ErrAnonymous], [ErrNoPassword] or
// ErrBackend. The CSRF secret, if the session holds it, is deleted: forms rendered before
// the login are refused after it.
func (l *Logins) LoginSession(ctx context.Context, s *django.Session, u User) error {
	_, left, err := l.login(ctx, s, u)
	l.logLeft(ctx, left)
	return err
}

// login is LoginSession, and returns the user as they are then, and for the log why the
// login that s held was left.
func (l *Logins) login(ctx context.Context, s *django.Session, u User) (_ User, left, err error) {
	switch {
	case !u.IsAuthenticated():
		return u, nil, ErrAnonymous
	case !u.hasPassword():
		return u, nil, ErrNoPassword
	}
	if u.Backend, err = l.backendOf(u); err != nil {
		return u, nil, err
	}
	// Before anything is changed: text that no session can hold.
	id, errID := serializer.Encode(u.ID)
	backend, errBackend := serializer.Encode(u.Backend)
	made, errMake := l.hash.make(u)
	hash, errHash := serializer.Encode(made)
	if err := errors.Join(errID, errBackend, errMake, errHash); err != nil {
		return u, nil, err
	}
	// First of all: if it fails, the session is what it was.
	if recorder, ok := l.users.(LoginRecorder); ok {
		now := l.sessions.Now()
		if err := recorder.SetLastLogin(ctx, u.ID, now); err != nil {
			return u, nil, err
		}
		u.LastLogin = now
	}
	if left, err = l.makeRoom(ctx, s, u); err != nil {
		return u, nil, err
	}
	if l.settings.CSRFUseSessions {
		s.Delete(csrfSessionKey) // what csrf.RotateToken replaces
	}
	return u, left, errors.Join(s.Set(sessionKey, id), s.Set(backendSessionKey, backend), s.Set(hashSessionKey, hash))
}

// makeRoom keeps of the session what may be kept when u logs in. left is why a login that
// the session holds is left to Django.
func (l *Logins) makeRoom(ctx context.Context, s *django.Session, u User) (left, err error) {
	raw, ok := s.Get(sessionKey)
	if !ok {
		s.CycleKey()
		return nil, nil
	}
	id, ok := l.users.ReadID(raw)
	if !ok {
		return ErrMalformedID, l.leave(ctx, s)
	}
	if id != u.ID {
		return nil, s.Flush(ctx)
	}
	if !s.Has(hashSessionKey) {
		return ErrHashMissing, l.leave(ctx, s)
	}
	given, err := django.Value(s, hashSessionKey, "")
	if err != nil {
		return ErrHashMismatch, l.leave(ctx, s)
	}
	matches, outdated, err := l.hash.check(given, u)
	switch {
	case err != nil:
		return nil, err
	case !matches:
		return ErrHashMismatch, l.leave(ctx, s)
	case outdated:
		return nil, s.Flush(ctx)
	}
	return nil, nil
}

func (l *Logins) backendOf(u User) (string, error) {
	if u.Backend != "" {
		return u.Backend, nil
	}
	if len(l.settings.AuthenticationBackends) > 1 {
		return "", ErrBackend
	}
	return l.settings.AuthenticationBackends[0], nil
}

// Logout logs out whoever is logged in by this request's session: the session is
// flushed, at once. Django's logout.
func (l *Logins) Logout(r *http.Request) error {
	q, err := l.request(r.Context())
	if err != nil {
		return err
	}
	return l.inTurn(r.Context(), q, func(ctx context.Context) error {
		s, err := l.session(ctx, q)
		if err != nil {
			return err
		}
		ctx, cancel := l.withTimeout(ctx)
		defer cancel()
		if err := l.LogoutSession(ctx, s); err != nil {
			return err
		}
		q.set(User{}, nil, nil)
		return nil
	})
}

// LogoutSession flushes the session s. Before Django 3.0 the language that was
// chosen is carried over, as there, into a new session.
func (l *Logins) LogoutSession(ctx context.Context, s *django.Session) error {
	const languageKey = "_language"
	language, kept := s.Get(languageKey)
	if err := s.Flush(ctx); err != nil {
		return err
	}
	v, err := djversion.Parse(l.settings.DjangoVersion)
	if err != nil || !kept || language.IsNull() || !v.Before(djversion.V3_0) {
		return err
	}
	return s.Set(languageKey, language)
}
