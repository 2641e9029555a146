package auth

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/djsession/djsession/auth/hashers"
)

// Authenticate returns the user of this name, with the Backend that lets them in, if the
// password is right and they may log in; otherwise the error is [ErrCredentials], after
// as long a time as any wrong password takes. The name is looked up as it is given, see
// [NormalizeUsername].
//
// A hash that is not of the parameters that were explicitly configured, see
// package hashers, is made anew.
//
// Passwords wait for each other in a queue of bounded length, and each no longer than
// the sessions' timeout or ctx allows: see package hashers. If that is not enough, the error
// is [hashers.ErrBusy], which the sessions' HandleError answers with 503.
//
// Any other error, the Users', [ErrNoPassword], [ErrNoPasswordBackend] or [ErrOwnBackend],
// means that it is unknown whether the password is right. Django's authenticate.
func (l *Logins) Authenticate(ctx context.Context, username, password string) (User, error) {
	backends, err := l.passwordBackends()
	if err != nil {
		return User{}, err
	}
	u, err := l.byUsername(ctx, username)
	if errors.Is(err, ErrNoUser) || err == nil && l.admitting(backends, u) == "" {
		// How long it takes must tell neither who has an account nor whether the
		// password of one that is not active is right.
		// An empty hash takes as long as any.
		if _, err := l.checkPassword(ctx, password, ""); err != nil {
			return User{}, err
		}
		return User{}, ErrCredentials
	}
	if err != nil {
		return User{}, err
	}
	result, err := l.checkPassword(ctx, password, u.Password)
	if err != nil {
		return User{}, err
	}
	if !result.OK {
		return User{}, ErrCredentials
	}
	if result.MustUpdate {
		if u, err = l.upgrade(ctx, u, password); err != nil {
			return User{}, err
		}
	}
	// Once more, since upgrade may have read the user again.
	if u.Backend = l.admitting(backends, u); u.Backend == "" {
		return User{}, ErrCredentials
	}
	return u, nil
}

// upgrade stores a hash with the configured parameters. That it fails is no
// reason to turn the user away; that the password was changed meanwhile may be.
func (l *Logins) upgrade(ctx context.Context, u User, password string) (User, error) {
	setter, ok := l.users.(PasswordSetter)
	if !ok {
		return u, nil
	}
	encoded, err := l.makePassword(ctx, password)
	var done bool
	if err == nil {
		done, err = setter.SetPassword(ctx, u.ID, u.Password, encoded)
	}
	switch {
	case err != nil:
		l.logger.LogAttrs(ctx, slog.LevelWarn, "outdated password hash was not replaced", slog.Any("error", err))
		return u, nil
	case done:
		u.Password = encoded
		return u, nil
	}
	// By another login of the same user, or by a new password.
	if u, err = l.users.ByID(ctx, u.ID); err == nil && !u.hasPassword() {
		return User{}, ErrNoPassword
	} else if errors.Is(err, ErrNoUser) {
		return User{}, ErrCredentials
	} else if err != nil {
		return u, err
	}
	result, err := l.checkPassword(ctx, password, u.Password)
	if err == nil && !result.OK {
		err = ErrCredentials
	}
	return u, err
}

func (l *Logins) byUsername(ctx context.Context, username string) (User, error) {
	ctx, cancel := l.withTimeout(ctx)
	defer cancel()
	u, err := l.users.ByUsername(ctx, username)
	if err == nil && !u.hasPassword() {
		return User{}, ErrNoPassword
	}
	return u, err
}

// checkPassword waits no longer than a request may for its turn.
func (l *Logins) checkPassword(ctx context.Context, password, encoded string) (hashers.Result, error) {
	ctx, cancel := l.withTimeout(ctx)
	defer cancel()
	return l.hashers.Check(ctx, password, encoded)
}

func (l *Logins) makePassword(ctx context.Context, password string) (string, error) {
	ctx, cancel := l.withTimeout(ctx)
	defer cancel()
	return l.hashers.Make(ctx, password)
}

// NormalizeUsername does to a username what Django's AuthenticationForm does to
// what was typed: white space around it goes, and the rest is normalized by NFKC,
// as far as the Unicode of this program and that of Django's Python agree.
// Names longer than any that can be stored stay as they are.
func NormalizeUsername(typed string) string {
	// Python's strip also takes the separators U+001C to U+001F.
	name := strings.TrimFunc(typed, func(c rune) bool { return unicode.IsSpace(c) || c >= 0x1c && c <= 0x1f })
	const longest = 254 // of the username fields that Django has
	if utf8.RuneCountInString(name) > longest {
		return name
	}
	return norm.NFKC.String(name)
}
