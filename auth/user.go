package auth

import (
	"fmt"
	"log/slog"
	"time"
)

// User is a user of the site, or, without an ID, an anonymous visitor.
//
// Printed, logged, in JSON and in XML it leaves out the password, the e-mail address, the
// names and further columns. A struct with a User in an unexported field must not be printed:
// fmt then does not call User's methods. Encodings of every exported field, such as
// encoding/gob, contain the password.
type User struct {
	// ID is the primary key as Django writes it into the session: str(pk), a UUID
	// with hyphens.
	ID string

	// Username is what the user logs in with: the model's USERNAME_FIELD.
	Username string

	// Password is the stored password field: the encoded hash, never the password. A user
	// without a usable password has a value that begins with "!". An empty Password is
	// [ErrNoPassword] unless EmptyPassword is set.
	Password string `json:"-" xml:"-"`

	// EmptyPassword: the stored password field is empty, as Django leaves it if a user was
	// created without set_password.
	EmptyPassword bool `json:"-" xml:"-"`

	// IsActive, IsStaff and IsSuperuser are the model's flags.
	IsActive, IsStaff, IsSuperuser bool

	// LastLogin is last_login; zero if there was none.
	LastLogin time.Time

	// Email, FirstName and LastName are the model's fields; empty if it has none.
	Email     string `json:"-" xml:"-"`
	FirstName string `json:"-" xml:"-"`
	LastName  string `json:"-" xml:"-"`

	// Backend is the dotted path of the authentication backend of the login.
	Backend string

	extra *map[string]any // a pointer, so that users are comparable
}

// IsAuthenticated reports whether this is a user and not an anonymous visitor.
// Django's is_authenticated.
func (u User) IsAuthenticated() bool { return u.ID != "" }

// hasPassword reports whether the password field is known.
func (u User) hasPassword() bool { return u.Password != "" || u.EmptyPassword }

// public is what may be printed of a User.
type public struct {
	ID, Username                   string
	IsActive, IsStaff, IsSuperuser bool
	LastLogin                      time.Time
	Backend                        string
}

func (u User) public() public {
	return public{u.ID, u.Username, u.IsActive, u.IsStaff, u.IsSuperuser, u.LastLogin, u.Backend}
}

// Format implements fmt.Formatter: the user without secret and personal fields.
func (u User) Format(f fmt.State, verb rune) {
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), u.public())
}

// LogValue implements slog.LogValuer: the user without secret and personal fields.
func (u User) LogValue() slog.Value { return slog.AnyValue(u.public()) }
