package auth

import (
	"fmt"
	"log/slog"
	"time"
)

// User is a user of the site, or, without an ID, an anonymous visitor.
//
// Printed, logged, in JSON and in XML it leaves out what is secret or personal: the password,
// the e-mail address, the names and further columns. A struct that keeps a User in an unexported
// field must not be printed, since fmt then does not call the methods that do that. Encodings
// that have every exported field, such as encoding/gob, have the password too: do not use them.
type User struct {
	// ID is the primary key as Django writes it into the session: str(pk), a UUID
	// with hyphens.
	ID string

	// Username is what the user logs in with: the model's USERNAME_FIELD.
	Username string

	// Password is the password field as it is stored: the encoded hash, never the
	// password. A user who has none at Django has a value that begins with "!". An
	// empty Password is [ErrNoPassword] unless EmptyPassword is set.
	Password string `json:"-" xml:"-"`

	// EmptyPassword says that the stored password field really is the empty text, as
	// Django leaves it if a user was created without set_password.
	EmptyPassword bool `json:"-" xml:"-"`

	// IsActive, IsStaff and IsSuperuser are the model's flags.
	IsActive, IsStaff, IsSuperuser bool

	// LastLogin is last_login; zero if there was none.
	LastLogin time.Time

	// Email, FirstName and LastName are the model's fields; empty if it has none.
	Email     string `json:"-" xml:"-"`
	FirstName string `json:"-" xml:"-"`
	LastName  string `json:"-" xml:"-"`

	// Backend is the dotted path of the backend that the user logged in by.
	Backend string

	extra *map[string]any // a pointer, so that users stay comparable
}

// IsAuthenticated reports whether this is a user and not an anonymous visitor.
// Django's is_authenticated.
func (u User) IsAuthenticated() bool { return u.ID != "" }

// hasPassword reports whether the password field is known.
func (u User) hasPassword() bool { return u.Password != "" || u.EmptyPassword }

// shown is what may be printed of a User.
type shown struct {
	ID, Username                   string
	IsActive, IsStaff, IsSuperuser bool
	LastLogin                      time.Time
	Backend                        string
}

func (u User) shown() shown {
	return shown{u.ID, u.Username, u.IsActive, u.IsStaff, u.IsSuperuser, u.LastLogin, u.Backend}
}

// Format implements fmt.Formatter: the user without what is secret or personal.
func (u User) Format(f fmt.State, verb rune) {
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), u.shown())
}

// LogValue implements slog.LogValuer: the user without what is secret or personal.
func (u User) LogValue() slog.Value { return slog.AnyValue(u.shown()) }
