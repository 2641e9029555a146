package auth

import (
	"cmp"
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
// is [hashers.ErrBusy], which the sessions' HandleError answers with 503. Each question to
// the Users is bounded by the timeout, too.
//
// Any other error, the Users', [ErrNoID], [ErrNoPassword], [ErrNoPasswordBackend] or
// [ErrOwnBackend], means that it is unknown whether the password is right. Django's
// authenticate.
func (l *Logins) Authenticate(ctx context.Context, username, password string) (User, error) {
	backends, err := l.passwordBackends()
	if err != nil {
		return User{}, err
	}
	u, err := l.byUsername(ctx, username)
	if errors.Is(err, ErrNoUser) || err == nil && l.admitting(backends, u) == "" {
		// How long it takes must tell neither who has an account nor whether the
		// password of one that is not active is right.
		return User{}, cmp.Or(l.spend(ctx, password), ErrCredentials)
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
		done, err = l.swapPassword(ctx, setter, u, encoded)
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
	u, err = l.byID(ctx, u.ID)
	switch {
	case errors.Is(err, ErrNoUser):
		return User{}, ErrCredentials
	case err != nil:
		return User{}, err
	}
	result, err := l.checkPassword(ctx, password, u.Password)
	if err == nil && !result.OK {
		err = ErrCredentials
	}
	return u, err
}

// Each call of the users or hashers that follows is bounded by the sessions' timeout.

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

// swapPassword stores encoded unless the user's password has changed.
func (l *Logins) swapPassword(ctx context.Context, setter PasswordSetter, u User, encoded string) (done bool, err error) {
	ctx, cancel := l.withTimeout(ctx)
	defer cancel()
	return setter.SetPassword(ctx, u.ID, u.Password, encoded)
}

func (l *Logins) spend(ctx context.Context, password string) error {
	ctx, cancel := l.withTimeout(ctx)
	defer cancel()
	_, err := l.hashers.Check(ctx, password, "")
	return err
}

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
