package hashers

import (
	"strings"

	"github.com/djsession/djsession/internal/randomstring"
)

// Unusable returns a new value for a user without a usable password: "!" and 40 random
// characters. It is Django's make_password(None).
func Unusable() string { return "!" + randomstring.New(40) }

// IsUsable reports whether the value of a user's column `password` does not start with "!". It
// is Django's is_password_usable, and true for an empty or invalid value, too.
func IsUsable(encoded string) bool { return !strings.HasPrefix(encoded, "!") }
