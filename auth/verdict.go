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

// Inspect tells who is logged in by the session s, or why nobody is, and changes
// nothing. An error means that it is unknown: that of the Users, [ErrNoID], [ErrNoPassword],
// or that of [WithSessionAuthHash]'s function.
func (l *Logins) Inspect(ctx context.Context, s *django.Session) (Verdict, error) {
	rawID, hasID := s.Get(sessionKey)
	rawBackend, hasBackend := s.Get(backendSessionKey)
	if !hasID || !hasBackend {
		return Verdict{Reason: ErrNotLoggedIn}, nil
	}
	backend, ok := text(rawBackend)
	if !ok || !slices.Contains(l.settings.AuthenticationBackends, backend) {
		return Verdict{Reason: ErrUnknownBackend}, nil
	}
	id, ok := l.users.ReadID(rawID)
	if !ok {
		return Verdict{Reason: ErrMalformedID}, nil
	}
	u, err := l.byID(ctx, id)
	switch {
	case errors.Is(err, ErrNoUser):
		return Verdict{Reason: ErrNoUser}, nil
	case err != nil:
		return Verdict{}, err
	case !l.admits(backend, u):
		return Verdict{Reason: ErrInactive}, nil
	}
	mac, reason, err := l.checkHash(s, u)
	if err != nil {
		return Verdict{}, err
	}
	if reason != nil {
		return Verdict{Reason: reason, Flush: reason != ErrHashMalformed}, nil
	}
	u.Backend = backend
	return Verdict{User: u, Renew: mac.outdated}, nil
}

// checkHash returns the MAC of the session's hash, or the reason why it is not that of u.
func (l *Logins) checkHash(s *django.Session, u User) (mac *acceptedMAC, reason, err error) {
	raw, ok := s.Get(hashSessionKey)
	if !ok || raw.IsNull() {
		return nil, ErrHashMissing, nil
	}
	given, ok := text(raw)
	if !ok {
		return nil, ErrHashMismatch, nil
	}
	if !utf8.ValidString(given) {
		return nil, ErrHashMalformed, nil
	}
	if mac, err = l.hash.check(given, u); mac == nil && err == nil {
		reason = ErrHashMismatch
	}
	return mac, reason, err
}

// text returns a string of the session.
func text(v serializer.Value) (text string, ok bool) {
	ok = v.Kind() == serializer.String && v.Decode(&text) == nil
	return text, ok
}

// SessionUser returns the user who is logged in by s, anonymous if nobody is. Django's
// get_user; for the session of a request it is [Logins.User]. An error means that it is
// unknown who is logged in.
//
// If the session's hash is of an older secret, s gets the current hash, and a new key when it
// is saved. If the hash is missing or does not match, s becomes a new, empty session. The
// stored one stays for Django, which deletes it, or accepts it if the user model has its own
// get_session_auth_hash; with [WithFlush] it is deleted. That is logged at warn, and so are
// [ErrUnknownBackend] and [ErrMalformedID], which wrong settings cause; all other reasons but
// [ErrNotLoggedIn] at debug.
func (l *Logins) SessionUser(ctx context.Context, s *django.Session) (User, error) {
	u, rejected, err := l.accept(ctx, s)
	l.logRejected(ctx, rejected)
	return u, err
}

// accept is SessionUser, and returns what is to be logged of a login that was not accepted.
func (l *Logins) accept(ctx context.Context, s *django.Session) (User, *rejection, error) {
	v, err := l.Inspect(ctx, s)
	switch {
	case err != nil:
		return User{}, nil, err
	case v.Flush:
		if err := l.discard(ctx, s); err != nil {
			return User{}, nil, err
		}
		return User{}, &rejection{reason: v.Reason}, nil
	case v.Reason != nil && v.Reason != ErrNotLoggedIn:
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
	if !l.flush {
		s.Abandon()
		return nil
	}
	ctx, cancel := l.withTimeout(ctx)
	defer cancel()
	return s.Flush(ctx)
}

// rejection is a login in a session that was not accepted.
type rejection struct {
	reason error
	kept   bool // its session stays in use, with an anonymous user
}

// logRejected logs and reports that a session's login was not accepted, if it was not.
func (l *Logins) logRejected(ctx context.Context, rejected *rejection, attrs ...slog.Attr) {
	if rejected == nil {
		return
	}
	level, msg := slog.LevelWarn, "login was not accepted; its session is left to Django, and the request goes on with a new one"
	switch {
	case rejected.kept:
		msg = "login was not accepted; its user is anonymous here, and the session stays"
		if rejected.reason != ErrUnknownBackend && rejected.reason != ErrMalformedID { // wrong settings
			level = slog.LevelDebug
		}
	case l.flush:
		level, msg = slog.LevelInfo, "login was not accepted, and its session was flushed"
	}
	l.logger.LogAttrs(ctx, level, msg, append(attrs, slog.Any("reason", rejected.reason))...)
	_, observed := l.sessions.Observe(ctx, django.OpRejectLogin)
	observed.End(rejected.reason)
}
