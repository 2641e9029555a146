package auth

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/djsession/djsession/auth/hashers"
	"github.com/djsession/djsession/django"
	"golang.org/x/text/unicode/norm"
)

// Authenticate returns the user of this name, with the Backend of the login, if the password
// is right and they may log in; otherwise the error is [ErrCredentials], after the time that a
// wrong password takes. Pass what was typed through [NormalizeUsername]. Django's authenticate.
//
// A password hash with other than the explicitly configured parameters is replaced, see
// package hashers. Each query, and each wait for a hash to begin, takes no longer than ctx and
// the sessions' timeout allow. If too many passwords are being checked, the error is
// [hashers.ErrBusy]. After any other error, of the Users for instance, it is unknown whether
// the password is right.
func (l *Logins) Authenticate(ctx context.Context, username, password string) (User, error) {
	ctx, observed := l.sessions.Observe(ctx, django.OpAuthenticate)
	defer observed.EndPanicked()
	u, err := l.authenticate(ctx, username, password)
	observed.End(err)
	return u, err
}

// authenticate is Authenticate.
func (l *Logins) authenticate(ctx context.Context, username, password string) (User, error) {
	backends, err := l.passwordBackends()
	if err != nil {
		return User{}, err
	}
	u, err := l.byUsername(ctx, username)
	if errors.Is(err, ErrNoUser) || err == nil && l.admitting(backends, u) == "" {
		// The time must tell neither who has an account nor whether the password of an
		// inactive user is right: check a hash that does not match.
		u, err = User{}, nil
	}
	if err != nil {
		return User{}, err
	}
	result, err := l.checkPassword(ctx, password, u)
	if err == nil && result.MustUpdate {
		u, err = l.upgrade(ctx, u, password)
	}
	if err != nil {
		return User{}, err
	}
	// Again, since upgrade may have read the user again.
	if u.Backend = l.admitting(backends, u); u.Backend == "" {
		return User{}, ErrCredentials
	}
	return u, nil
}

// upgrade stores a hash with the configured parameters. If that fails, the login goes on
// with the old one. If the password was changed meanwhile, the new one decides.
func (l *Logins) upgrade(ctx context.Context, u User, password string) (User, error) {
	setter, ok := l.users.(PasswordSetter)
	if !ok {
		return u, nil
	}
	encoded, err := l.makePassword(ctx, password)
	var done bool
	if err == nil {
		done, err = l.replacePassword(ctx, setter, u.ID, u.Password, encoded)
	}
	switch {
	case err != nil:
		l.logger.LogAttrs(ctx, slog.LevelWarn, "outdated password hash was not replaced", slog.Any("error", err))
		return u, nil
	case done:
		u.Password = encoded
		return u, nil
	}
	// Another login of the same user has replaced the hash, or the password was changed.
	u, err = l.byID(ctx, u.ID)
	if errors.Is(err, ErrNoUser) {
		return u, ErrCredentials
	}
	if err != nil {
		return u, err
	}
	_, err = l.checkPassword(ctx, password, u)
	return u, err
}

// Each of the following calls has the sessions' timeout for itself: a hash, which cannot be
// interrupted, may take longer.

func (l *Logins) byID(ctx context.Context, id string) (User, error) {
	ctx, cancel := l.withTimeout(ctx)
	defer cancel()
	return checked(l.users.ByID(ctx, id))
}

func (l *Logins) byUsername(ctx context.Context, username string) (User, error) {
	ctx, cancel := l.withTimeout(ctx)
	defer cancel()
	return checked(l.users.ByUsername(ctx, username))
}

func (l *Logins) replacePassword(ctx context.Context, setter PasswordSetter, id, old, encoded string) (done bool, err error) {
	ctx, cancel := l.withTimeout(ctx)
	defer cancel()
	return setter.SetPassword(ctx, id, old, encoded)
}

func (l *Logins) makePassword(ctx context.Context, password string) (string, error) {
	ctx, cancel := l.withTimeout(ctx)
	defer cancel()
	return l.hashers.Make(ctx, password)
}

func (l *Logins) checkPassword(ctx context.Context, password string, u User) (hashers.Result, error) {
	ctx, cancel := l.withTimeout(ctx)
	defer cancel()
	result, err := l.hashers.Check(ctx, password, u.Password)
	if err == nil && !result.OK {
		err = ErrCredentials
	}
	return result, err
}

// checked returns what Users returned, or an error if it lacks what every user has.
func checked(u User, err error) (User, error) {
	switch {
	case err != nil:
		return User{}, err
	case u.ID == "":
		return User{}, ErrNoID
	case !u.hasPassword():
		return User{}, ErrNoPassword
	}
	return u, nil
}

// NormalizeUsername does to a username what Django's AuthenticationForm does to what was
// typed: it trims white space and normalizes to NFKC, as far as the Unicode versions of this
// program and of Django's Python agree. Names longer than any that can be stored are only
// trimmed.
func NormalizeUsername(typed string) string {
	// Python's strip also takes the separators U+001C to U+001F.
	name := strings.TrimFunc(typed, func(c rune) bool { return unicode.IsSpace(c) || c >= 0x1c && c <= 0x1f })
	const longest = 254 // of the username fields that Django has
	if utf8.RuneCountInString(name) > longest {
		return name
	}
	return norm.NFKC.String(name)
}
