package auth

import (
	"context"
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// The keys of a login in the session.
const (
	sessionKey        = "_auth_user_id"
	backendSessionKey = "_auth_user_backend"
	hashSessionKey    = "_auth_user_hash"
)

const csrfSessionKey = "_csrftoken"

// Verdict is what Django's get_user makes of a session.
type Verdict struct {
	// User is the user who is logged in; anonymous if nobody is.
	User User

	// Reason says why nobody is logged in: one of the reasons among this package's
	// errors, or ErrNoUser. nil if somebody is.
	Reason error

	// Flush: the session's hash is missing or wrong, and [Logins.User] throws the
	// session away.
	Flush bool

	// Renew: the session's hash is of an older secret, and Logins.User stores the
	// current one under a new session key.
	Renew bool
}

func nobody(reason error) (Verdict, error) { return Verdict{Reason: reason}, nil }

func flush(reason error) (Verdict, error) { return Verdict{Reason: reason, Flush: true}, nil }

// Inspect tells who is logged in by the session s, or why nobody is, and changes
// nothing. An error means that the users could not be asked.
func (l *Logins) Inspect(ctx context.Context, s *django.Session) (Verdict, error) {
	rawID, ok := s.Get(sessionKey)
	if !ok {
		return nobody(ErrNotLoggedIn)
	}
	rawBackend, ok := s.Get(backendSessionKey)
	if !ok {
		return nobody(ErrNotLoggedIn)
	}
	var backend string
	if rawBackend.Kind() != serializer.String || rawBackend.Decode(&backend) != nil ||
		!slices.Contains(l.settings.AuthenticationBackends, backend) {
		return nobody(ErrUnknownBackend)
	}
	id, ok := l.users.ReadID(rawID)
	if !ok {
		return nobody(ErrMalformedID)
	}
	u, err := l.users.ByID(ctx, id)
	switch {
	case errors.Is(err, ErrNoUser):
		return nobody(ErrNoUser)
	case err != nil:
		return Verdict{}, err
	}
	if !l.admits(backend, u) {
		return nobody(ErrInactive)
	}
	rawHash, ok := s.Get(hashSessionKey)
	if !ok || rawHash.IsNull() {
		return flush(ErrHashMissing)
	}
	var given string
	if rawHash.Kind() != serializer.String || rawHash.Decode(&given) != nil {
		return flush(ErrHashMismatch)
	}
	if !utf8.ValidString(given) {
		return nobody(ErrHashMalformed)
	}
	ok, outdated := l.hash.check(given, u.Password)
	if !ok {
		return flush(ErrHashMismatch)
	}
	u.Backend = backend
	return Verdict{User: u, Renew: outdated}, nil
}

// SessionUser returns the user who is logged in by s, anonymous if nobody is, and
// does to s what Django does: it flushes a session whose hash is missing or
// wrong, at once, and stores the current hash under a new key, when s is saved,
// if the hash is of an older secret. Django's get_user; for the session of a
// request it is [Logins.User]. An error means that nobody can tell.
func (l *Logins) SessionUser(ctx context.Context, s *django.Session) (User, error) {
	v, err := l.Inspect(ctx, s)
	switch {
	case err != nil:
		return User{}, err
	case v.Flush:
		return User{}, s.Flush(ctx)
	case v.Renew:
		if err := s.Renew(hashSessionKey, l.hash.make(v.User.Password)); err != nil {
			return User{}, err
		}
	}
	return v.User, nil
}
