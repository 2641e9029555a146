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

// Login logs the user in for this request's session: see [Logins.LoginSession].
// The CSRF token is rotated if the request passed through package csrf's
// middleware. Whether the user may log in has to be settled
// before, by [Logins.Authenticate] for instance. Django's login.
func (l *Logins) Login(r *http.Request, u User) error {
	q, s, err := l.begin(r)
	if err != nil {
		return err
	}
	defer q.mu.Unlock()
	ctx, cancel := l.withTimeout(r)
	defer cancel()
	if u, err = l.login(ctx, s, u); err != nil {
		return err
	}
	q.set(u)
	csrf.RotateTokenOf(l.sessions, r)
	return nil
}

// LoginSession logs the user in for the session s, which is then to be saved. The
// data of an anonymous session stays, under a new key. A session of another user,
// or of the same one with another password, is flushed first. The user's
// last_login is set if the Users keep one. A user without a Backend logs in by
// the only one of AUTHENTICATION_BACKENDS, or it is [ErrBackend].
//
// After an error s is what it was, and whoever was logged in by it still is. The
// error is that of the users or of the store, [ErrAnonymous] or ErrBackend. The
// CSRF secret, if the session holds it, goes: forms of before the login are
// refused after it.
func (l *Logins) LoginSession(ctx context.Context, s *django.Session, u User) error {
	_, err := l.login(ctx, s, u)
	return err
}

// login is LoginSession, and returns the user as he is then.
func (l *Logins) login(ctx context.Context, s *django.Session, u User) (User, error) {
	if !u.IsAuthenticated() {
		return u, ErrAnonymous
	}
	var err error
	if u.Backend, err = l.backendOf(u); err != nil {
		return u, err
	}
	// Before anything is changed: text that no session can hold.
	id, errID := serializer.Encode(u.ID)
	backend, errBackend := serializer.Encode(u.Backend)
	if err := errors.Join(errID, errBackend); err != nil {
		return u, err
	}
	// First of all: if it fails, the session is what it was.
	if recorder, ok := l.users.(LoginRecorder); ok {
		now := l.sessions.Now()
		if err := recorder.SetLastLogin(ctx, u.ID, now); err != nil {
			return u, err
		}
		u.LastLogin = now
	}
	if !s.Has(sessionKey) {
		s.CycleKey()
	} else if !l.isLogin(s, u) {
		if err := s.Flush(ctx); err != nil {
			return u, err
		}
	}
	if l.settings.CSRFUseSessions {
		s.Delete(csrfSessionKey) // what csrf.RotateToken replaces
	}
	return u, errors.Join(
		s.Set(sessionKey, id),
		s.Set(backendSessionKey, backend),
		s.Set(hashSessionKey, l.hash.make(u.Password)),
	)
}

// isLogin reports whether s is the session of a login of u with this password.
func (l *Logins) isLogin(s *django.Session, u User) bool {
	raw, _ := s.Get(sessionKey)
	id, ok := l.users.ReadID(raw)
	given, err := django.Value(s, hashSessionKey, "")
	return ok && err == nil && id == u.ID && l.hash.isCurrent(given, u.Password)
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
	q, s, err := l.begin(r)
	if err != nil {
		return err
	}
	defer q.mu.Unlock()
	ctx, cancel := l.withTimeout(r)
	defer cancel()
	if err := l.LogoutSession(ctx, s); err != nil {
		return err
	}
	q.set(User{})
	return nil
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
