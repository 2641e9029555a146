package auth

import (
	"context"
	"crypto/hmac"
	"errors"
	"net/http"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/csrfctx"
	"github.com/djsession/djsession/internal/djversion"
	"github.com/djsession/djsession/serializer"
)

// Login logs the user in for this request's session: see [Logins.LoginSession]. The CSRF
// token is rotated if the request passed through package csrf's middleware. Whether the
// user may log in must have been checked before, by [Logins.Authenticate] for instance.
// If the session would need a new cookie and the response's headers have gone, the error is
// django.ErrHeadersSent. Django's login.
func (l *Logins) Login(r *http.Request, u User) error {
	q, err := l.request(r.Context())
	if err != nil {
		return err
	}
	err = l.inTurn(r.Context(), q, func(ctx context.Context) error {
		s, err := l.sessions.FromContext(ctx)
		if err != nil {
			return err
		}
		u, rejected, err := l.login(ctx, s, u)
		if err == nil {
			q.set(u, rejected, nil)
		}
		return err
	})
	if err == nil {
		if c := csrfctx.From(r.Context(), l.sessions); c != nil {
			c.RotateToken()
		}
	}
	return err
}

// LoginSession logs the user in for the session s, which is then to be saved. For the
// session of the request that ctx belongs to it is [ErrRequestSession]: see [Logins.Login].
// The user's last_login is set if the Users record it. A user without a Backend logs in by
// the only one of AUTHENTICATION_BACKENDS, or it is [ErrBackend].
//
// The data of an anonymous session stays, under a new key. The session of another user is
// flushed first, also one that [Logins.SessionUser] had left to Django, and so is one of the
// same user under an older secret. If the hash in a session of the same user is missing or
// does not match, or the user id in it cannot be read, nothing of that session is kept
// either, but the stored one is left to Django, as SessionUser explains; with [WithFlush] it
// is flushed.
//
// After an error s is what it was, and whoever was logged in by it still is. The
// error is that of the users or of the store, [ErrAnonymous], [ErrNoPassword] or
// ErrBackend. The CSRF secret, if the session holds it, is deleted: forms rendered before
// the login are refused after it.
func (l *Logins) LoginSession(ctx context.Context, s *django.Session, u User) error {
	if err := l.refuseOwn(ctx, s); err != nil {
		return err
	}
	_, rejected, err := l.login(ctx, s, u)
	l.logRejected(ctx, rejected)
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

// login is LoginSession, and returns the user as they are then, and what is to be logged of
// a login that s held.
func (l *Logins) login(ctx context.Context, s *django.Session, u User) (_ User, rejected *rejection, err error) {
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
	held, reason, err := l.previous(ctx, s, u, made)
	if err != nil {
		return u, nil, err
	}
	if held != sameLogin && s.Sealed() {
		return u, nil, django.ErrHeadersSent
	}
	// Before the session is changed: if it fails, the session is what it was.
	if err := l.recordLogin(ctx, &u); err != nil {
		return u, nil, err
	}
	switch held {
	case noLogin:
		s.CycleKey()
	case endedLogin:
		err = l.flushSession(ctx, s)
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

func (l *Logins) recordLogin(ctx context.Context, u *User) error {
	recorder, ok := l.users.(LoginRecorder)
	if !ok {
		return nil
	}
	ctx, cancel := l.withTimeout(ctx)
	defer cancel()
	now := l.sessions.Now()
	if err := recorder.SetLastLogin(ctx, u.ID, now); err != nil {
		return err
	}
	u.LastLogin = now
	return nil
}

// previousLogin is what a session holds when a user logs in.
type previousLogin int

const (
	noLogin         previousLogin = iota // its data stays, under a new key
	sameLogin                            // of the same user: all stays
	endedLogin                           // of another user, or by an older secret or algorithm: it is flushed
	unverifiedLogin                      // perhaps of the same user: it is discarded
)

// previous tells what s holds when u, whose hash is made, logs in, and why that could not
// be verified.
func (l *Logins) previous(ctx context.Context, s *django.Session, u User, made string) (held previousLogin, reason, err error) {
	raw, ok := s.Get(sessionKey)
	if !ok {
		other, err := l.abandonedOther(ctx, s, u)
		if other {
			return endedLogin, nil, err
		}
		return noLogin, nil, err
	}
	id, ok := l.users.ReadID(raw)
	if !ok {
		return unverifiedLogin, ErrMalformedID, nil
	}
	if id != u.ID {
		return endedLogin, nil, nil
	}
	if !s.Has(hashSessionKey) {
		return unverifiedLogin, ErrHashMissing, nil
	}
	given, err := django.Value(s, hashSessionKey, "")
	if err != nil {
		return unverifiedLogin, ErrHashMismatch, nil
	}
	if hmac.Equal([]byte(given), []byte(made)) {
		return sameLogin, nil, nil
	}
	// By an older secret or algorithm, with which get_user accepts it and login does not.
	matches, _, err := l.hash.check(given, u)
	switch {
	case err != nil:
		return 0, nil, err
	case !matches:
		return unverifiedLogin, ErrHashMismatch, nil
	}
	return endedLogin, nil, nil
}

// abandonedOther reports whether s replaces a session that was left to Django and is of
// another user than u.
func (l *Logins) abandonedOther(ctx context.Context, s *django.Session, u User) (bool, error) {
	key := s.Abandoned()
	if key == "" {
		return false, nil
	}
	ctx, cancel := l.withTimeout(ctx)
	defer cancel()
	old, err := l.sessions.Load(ctx, key)
	switch {
	case errors.Is(err, django.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	}
	raw, ok := old.Get(sessionKey)
	if !ok {
		return false, nil
	}
	id, ok := l.users.ReadID(raw)
	return ok && id != u.ID, nil
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
// flushed, at once, also one that [Logins.User] had left to Django. Django's logout.
func (l *Logins) Logout(r *http.Request) error {
	q, err := l.request(r.Context())
	if err != nil {
		return err
	}
	return l.inTurn(r.Context(), q, func(ctx context.Context) error {
		s, err := l.sessions.FromContext(ctx)
		if err != nil {
			return err
		}
		if err := l.logout(ctx, s); err != nil {
			return err
		}
		q.set(User{}, nil, nil)
		return nil
	})
}

// LogoutSession flushes the session s. Before Django 3.0 the language that was
// chosen is carried over, as there, into a new session. For the session of the request that
// ctx belongs to it is [ErrRequestSession]: see [Logins.Logout].
func (l *Logins) LogoutSession(ctx context.Context, s *django.Session) error {
	if err := l.refuseOwn(ctx, s); err != nil {
		return err
	}
	return l.logout(ctx, s)
}

func (l *Logins) logout(ctx context.Context, s *django.Session) error {
	const languageKey = "_language"
	language, kept := s.Get(languageKey)
	if err := l.flushSession(ctx, s); err != nil {
		return err
	}
	v, err := djversion.Parse(l.settings.DjangoVersion)
	if err != nil || !kept || language.IsNull() || !v.Before(djversion.V3_0) {
		return err
	}
	return s.Set(languageKey, language)
}
