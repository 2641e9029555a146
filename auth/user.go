package auth

import (
	"fmt"
	"log/slog"
	"time"
)

// User is a user of the site, or, without an ID, an anonymous visitor. Printed,
// logged and in JSON it leaves out the password; a struct that keeps a User in an
// unexported field must not be printed, since fmt then sees the fields alone.
type User struct {
	// ID is the primary key as Django writes it into the session: str(pk), a UUID
	// with hyphens.
	ID string

	// Username is what the user logs in with: the model's USERNAME_FIELD.
	Username string

	// Password is the password field: the encoded hash, never the password.
	Password string `json:"-"`

	// IsActive, IsStaff and IsSuperuser are the model's flags. A model without
	// is_active has only active users.
	IsActive, IsStaff, IsSuperuser bool

	// LastLogin is last_login; zero if there was none.
	LastLogin time.Time

	// Backend is the dotted path of the backend that the user logged in by.
	Backend string
}

// IsAuthenticated reports whether this is a user and not an anonymous visitor.
// Django's is_authenticated.
func (u User) IsAuthenticated() bool { return u.ID != "" }

// plainUser is a User without the methods below.
type plainUser User

func (u User) redact() plainUser {
	if u.Password != "" {
		u.Password = "[redacted]"
	}
	return plainUser(u)
}

// Format implements fmt.Formatter: the user without the password.
func (u User) Format(f fmt.State, verb rune) {
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), u.redact())
}

// LogValue implements slog.LogValuer: the user without the password.
func (u User) LogValue() slog.Value { return slog.AnyValue(u.redact()) }
