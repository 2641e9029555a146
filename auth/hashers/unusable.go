package hashers

import (
	"strings"

	"github.com/djsession/djsession/internal/randomstring"
)

const (
	unusablePrefix = "!"
	unusableLength = 40 // of what follows, in characters
)

// Unusable returns a new value for a user who is to have no password: it starts with "!"
// and is otherwise random. It is Django's make_password(None).
func Unusable() string { return unusablePrefix + randomstring.New(unusableLength) }

// IsUsable reports whether a user has a password, that is, whether the value of their column
// `password` does not start with "!". It is Django's is_password_usable, and true for an
// empty value and for nonsense, too, which no password matches either.
func IsUsable(encoded string) bool { return !strings.HasPrefix(encoded, unusablePrefix) }
