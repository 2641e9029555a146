package auth

import (
	"context"
	"errors"
	"log/slog"
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

	// Flush: the session's hash is missing or wrong. Django flushes such a session;
	// [Logins.User] leaves it to Django, unless [WithFlush] is set.
	Flush bool

	// Renew: the session's hash is of an older secret, and Logins.User stores the
	// current one under a new session key.
	Renew bool
}

func nobody(reason error) (Verdict, error) { return Verdict{Reason: reason}, nil }

func flush(reason error) (Verdict, error) { return Verdict{Reason: reason, Flush: true}, nil }

// Inspect tells who is logged in by the session s, or why nobody is, and changes
// nothing. An error means that it is unknown: that of the Users, [ErrNoID], [ErrNoPassword],
// or that of [WithSessionAuthHash]'s function.
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
	u, err := l.byID(ctx, id)
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
	ok, outdated, err := l.hash.check(given, u)
	switch {
	case err != nil:
		return Verdict{}, err
	case !ok:
		return flush(ErrHashMismatch)
	}
	u.Backend = backend
	return Verdict{User: u, Renew: outdated}, nil
}

// SessionUser returns the user who is logged in by s, anonymous if nobody is. Django's
// get_user; for the session of a request it is [Logins.User].
//
// A hash of an older secret is replaced: s gets the current one and a new key when it
// is saved. Where the hash is missing or does not match, s becomes a new, empty session,
// so that nothing of the old one is shown. The stored one stays as it is: the password may
// have been changed, in which case Django deletes it, but the user model may as well have a
// get_session_auth_hash of its own, and then Django accepts it. That is logged at warn, and
// so are [ErrUnknownBackend] and [ErrMalformedID], which wrong settings cause. To delete the
// stored session as Django does is an option, [WithFlush].
//
// An error means that it is unknown who is logged in.
func (l *Logins) SessionUser(ctx context.Context, s *django.Session) (User, error) {
	u, rejected, err := l.accept(ctx, s)
	l.logRejected(ctx, rejected)
	return u, err
}

// accept is SessionUser, and returns what is to be logged of a login that was not accepted.
func (l *Logins) accept(ctx context.Context, s *django.Session) (u User, rejected *rejection, err error) {
	v, err := l.Inspect(ctx, s)
	switch {
	case err != nil:
		return User{}, nil, err
	case v.Flush:
		if err := l.discard(ctx, s); err != nil {
			return User{}, nil, err
		}
		return User{}, &rejection{reason: v.Reason}, nil
	case errors.Is(v.Reason, ErrUnknownBackend), errors.Is(v.Reason, ErrMalformedID):
		return User{}, &rejection{reason: v.Reason, kept: true}, nil
	case v.Renew:
		hash, err := l.hash.make(v.User)
		if err == nil {
			err = s.Renew(hashSessionKey, hash)
		}
		if err != nil {
			return User{}, nil, err
		}
	}
	return v.User, nil, nil
}

// discard makes s a new, empty session. The stored one stays for Django, or is deleted.
func (l *Logins) discard(ctx context.Context, s *django.Session) error {
	if l.flush {
		return l.flushSession(ctx, s)
	}
	s.Abandon()
	return nil
}

// flushSession flushes s, within the sessions' timeout.
func (l *Logins) flushSession(ctx context.Context, s *django.Session) error {
	ctx, cancel := l.withTimeout(ctx)
	defer cancel()
	return s.Flush(ctx)
}

// rejection is a login in a session that was not accepted although Django may accept it.
type rejection struct {
	reason error
	kept   bool // its session stays in use, with an anonymous user
}

// logRejected logs that a session's login was not accepted, if it was not.
func (l *Logins) logRejected(ctx context.Context, rejected *rejection, attrs ...slog.Attr) {
	if rejected == nil {
		return
	}
	level, msg := slog.LevelWarn, "login was not accepted; its session is left to Django, and the request goes on with a new one"
	switch {
	case rejected.kept:
		msg = "login was not accepted; its user is anonymous here, and the session stays"
	case l.flush:
		level, msg = slog.LevelInfo, "login was not accepted, and its session was flushed"
	}
	l.logger.LogAttrs(ctx, level, msg, append(attrs, slog.Any("reason", rejected.reason))...)
}
