package auth

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Authenticate returns the user of this name if the password is his and he may
// log in, with the Backend by which he may; otherwise the error is
// [ErrCredentials], after as long a time as any wrong password takes. The name is
// taken as it is, see [NormalizeUsername].
//
// A hash that is not of the parameters that were explicitly configured, see
// package hashers, is made anew.
//
// Any other error, the Users' or [hashers.ErrBusy] when ctx ended before it was
// this password's turn, means that nobody can tell. Django's authenticate.
func (l *Logins) Authenticate(ctx context.Context, username, password string) (User, error) {
	if !l.takesPasswords() {
		return User{}, ErrNoPasswordBackend
	}
	u, err := l.users.ByUsername(ctx, username)
	if errors.Is(err, ErrNoUser) {
		// How long it takes must not tell who has an account.
		if err := l.hashers.Spend(ctx, password); err != nil {
			return User{}, err
		}
		return User{}, ErrCredentials
	}
	if err != nil {
		return User{}, err
	}
	result, err := l.hashers.Check(ctx, password, u.Password)
	if err != nil {
		return User{}, err
	}
	if u.Backend = l.passwordBackend(u); !result.OK || u.Backend == "" {
		return User{}, ErrCredentials
	}
	if result.MustUpdate {
		l.upgrade(ctx, &u, password)
	}
	return u, nil
}

func (l *Logins) takesPasswords() bool {
	for _, path := range l.settings.AuthenticationBackends {
		if l.backends[path].Password {
			return true
		}
	}
	return false
}

// passwordBackend returns the first backend that lets the user in with a
// password; there may be none.
func (l *Logins) passwordBackend(u User) string {
	for _, path := range l.settings.AuthenticationBackends {
		if l.backends[path].Password && l.admits(path, u) == nil {
			return path
		}
	}
	return ""
}

// upgrade stores a hash with the configured parameters, unless the password was
// changed meanwhile. That it fails is no reason to turn the user away.
func (l *Logins) upgrade(ctx context.Context, u *User, password string) {
	setter, ok := l.users.(PasswordSetter)
	if !ok {
		return
	}
	encoded, err := l.hashers.Make(ctx, password)
	if err == nil {
		var done bool
		if done, err = setter.SetPassword(ctx, u.ID, u.Password, encoded); done {
			u.Password = encoded
		}
	}
	if err != nil {
		l.logger.LogAttrs(ctx, slog.LevelWarn, "outdated password hash was not replaced", slog.Any("error", err))
	}
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
