package hashers

import "github.com/djsession/djsession/internal/djversion"

// Parameters are the attributes of one of Django's hasher classes: [PBKDF2SHA256],
// [PBKDF2SHA1], [Argon2], [BCryptSHA256], [BCrypt] or [Scrypt]; or [Wrapped]. A field
// that is 0 has the default of the site's Django version.
type Parameters interface {
	algorithm() string
	hasher(site) (hasher, error)
}

// site is what the defaults follow from, and what Wrapped changes.
type site struct {
	version djversion.Version
	bounds  bounds

	wrapper     string      // the algorithm's name, "" if it is Django's
	inner       innerDigest // nil if there is nothing inside
	innerSalted bool
}

// hasher makes hashes of one algorithm, with its parameters, and reads those of any.
type hasher interface {
	// encode hashes a password with a new salt.
	encode(password string) (string, error)
	// decode takes a stored hash apart. The error says why it cannot match anything; it
	// holds nothing of the hash.
	decode(encoded string) (stored, error)
}

// stored is a stored hash.
type stored interface {
	matches(password string) (bool, error)
	// outdated is Django's must_update: the hasher would make it otherwise now.
	outdated() bool
	// harden is Django's harden_runtime: for a wrong password, it takes what this hash cost
	// less than one of the hasher's own.
	harden(password string) error
}

// unhardened is for hashers that do not know how to bridge the gap.
type unhardened struct{}

func (unhardened) harden(string) error { return nil }
