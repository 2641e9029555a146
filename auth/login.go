package auth

import (
	"context"
	"errors"
	"net/http"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/csrfctx"
	"github.com/djsession/djsession/serializer"
)

// Login logs the user in for this request's session: see [Logins.LoginSession]. The CSRF
// token is rotated if the request passed through package csrf's middleware. Login does not
// check whether the user may log in: call [Logins.Authenticate] before. If the session needs
// a new cookie and the response's headers are sent, the error is django.ErrHeadersSent.
// Django's login.
func (l *Logins) Login(r *http.Request, u User) error {
	ctx, observed := l.sessions.Observe(r.Context(), django.OpLogin)
	defer observed.EndPanicked()
	observed.SetUser(u.ID)
	err := l.withSession(ctx, func(ctx context.Context, q *request, s *django.Session) error {
		u, rejected, err := l.login(ctx, s, u)
		if err == nil {
			q.rejected = rejected
			q.set(known{user: u})
		}
		return err
	})
	observed.End(err)
	if c := csrfctx.From(r.Context(), l.sessions); err == nil && c != nil {
		c.RotateToken()
	}
	return err
}

// withSession calls f with the request's session, in turn.
func (l *Logins) withSession(ctx context.Context, f func(context.Context, *request, *django.Session) error) error {
	q, err := l.request(ctx)
	if err != nil {
		return err
	}
	return l.inTurn(ctx, q, func(ctx context.Context) error {
		s, err := l.sessions.FromContext(ctx)
		if err != nil {
			return err
		}
		return f(ctx, q, s)
	})
}

// LoginSession logs the user in for the session s, which the caller then saves. With the
// session of the request that ctx belongs to, the error is [ErrRequestSession]: call
// [Logins.Login]. It sets the user's last_login if the Users record it. A user without a
// Backend logs in by the only one of AUTHENTICATION_BACKENDS, or the error is [ErrBackend].
//
// An anonymous session keeps its data, under a new key, except for the CSRF secret. A session
// of the same user stays as it is. The session of another user is flushed first, and so is one
// of the same user under an older secret. If the session's hash is missing or does not match,
// or its user id cannot be read, the data is dropped, and the stored session is left to
// Django, as by [Logins.SessionUser].
//
// After an error s is unchanged.
func (l *Logins) LoginSession(ctx context.Context, s *django.Session, u User) error {
	if err := l.refuseOwn(ctx, s); err != nil {
		return err
	}
	ctx, observed := l.sessions.Observe(ctx, django.OpLogin)
	defer observed.EndPanicked()
	observed.SetUser(u.ID)
	_, rejected, err := l.login(ctx, s, u)
	l.logRejected(ctx, rejected)
	observed.End(err)
	return err
}

// refuseOwn refuses the session of the request that ctx belongs to.
func (l *Logins) refuseOwn(ctx context.Context, s *django.Session) error {
	if _, err := l.request(ctx); err != nil {
		return nil
	}
	if own, err := l.sessions.FromContext(ctx); err == nil && own == s {
		return ErrRequestSession
	}
	return nil
}

// login is LoginSession. It returns the user as they are then, and what is to be logged of
// the login that s held.
func (l *Logins) login(ctx context.Context, s *django.Session, u User) (_ User, rejected *rejection, err error) {
	if !u.IsAuthenticated() {
		return u, nil, ErrAnonymous
	}
	if u.Backend == "" {
		if len(l.settings.AuthenticationBackends) > 1 {
			return u, nil, ErrBackend
		}
		u.Backend = l.settings.AuthenticationBackends[0]
	}
	hash, err := l.hash.make(u)
	if err != nil {
		return u, nil, err
	}
	// Before anything is changed: text that no session can hold.
	id, errID := serializer.Encode(u.ID)
	backend, errBackend := serializer.Encode(u.Backend)
	if err := errors.Join(errID, errBackend); err != nil {
		return u, nil, err
	}
	ctx, cancel := l.withTimeout(ctx)
	defer cancel()
	held, reason, err := l.previous(ctx, s, u)
	if err != nil {
		return u, nil, err
	}
	if held != sameLogin && s.Sealed() {
		return u, nil, django.ErrHeadersSent
	}
	// Before the session is changed: if it fails, the session is unchanged.
	if recorder, ok := l.users.(LoginRecorder); ok {
		now := l.sessions.Now()
		if err := recorder.SetLastLogin(ctx, u.ID, now); err != nil {
			return u, nil, err
		}
		if held != sameLogin && s.Sealed() { // another goroutine began the response meanwhile
			return u, nil, django.ErrHeadersSent
		}
		u.LastLogin = now
	}
	switch held {
	case noLogin:
		s.CycleKey()
	case endedLogin:
		err = s.Flush(ctx)
	case unverifiedLogin:
		rejected = &rejection{reason: reason}
		err = l.discard(ctx, s)
	}
	if err != nil {
		return u, nil, err
	}
	if l.settings.CSRFUseSessions {
		s.Delete(csrfSessionKey) // which csrf would replace
	}
	return u, rejected, errors.Join(s.Set(sessionKey, id), s.Set(backendSessionKey, backend), s.Set(hashSessionKey, hash))
}

// previousLogin is what a session holds when a user logs in.
type previousLogin int

const (
	noLogin         previousLogin = iota // its data stays, under a new key
	sameLogin                            // of the same user: all stays
	endedLogin                           // of another user, or by an older secret or algorithm: it is flushed
	unverifiedLogin                      // perhaps of the same user: it is discarded
)

// previous returns what s holds when u logs in, and why that could not be verified.
func (l *Logins) previous(ctx context.Context, s *django.Session, u User) (held previousLogin, reason, err error) {
	raw, ok := s.Get(sessionKey)
	if !ok {
		held, err := l.abandoned(ctx, s, u)
		return held, nil, err
	}
	id, ok := l.users.ReadID(raw)
	if !ok {
		return unverifiedLogin, ErrMalformedID, nil
	}
	if id != u.ID {
		return endedLogin, nil, nil
	}
	mac, reason, err := l.checkHash(s, u)
	switch {
	case err != nil:
		return 0, nil, err
	case reason != nil:
		return unverifiedLogin, reason, nil
	case mac != &l.hash.macs[0]: // get_user accepts it, and login does not
		return endedLogin, nil, nil
	}
	return sameLogin, nil, nil
}

// abandoned returns endedLogin if s, which has no login, replaces the session of another user
// that was left to Django.
func (l *Logins) abandoned(ctx context.Context, s *django.Session, u User) (previousLogin, error) {
	key := s.Abandoned()
	if key == "" {
		return noLogin, nil
	}
	old, err := l.sessions.Load(ctx, key)
	if errors.Is(err, django.ErrNotFound) {
		return noLogin, nil
	}
	if err != nil {
		return 0, err
	}
	if raw, ok := old.Get(sessionKey); ok {
		if id, ok := l.users.ReadID(raw); ok && id != u.ID {
			return endedLogin, nil
		}
	}
	return noLogin, nil
}
