package hashers

import (
	"crypto/subtle"
	"strconv"
	"unicode/utf8"

	"github.com/djsession/djsession/internal/djversion"
	"github.com/djsession/djsession/internal/randomstring"
)

// Parameters are the attributes of one of Django's hasher classes: [PBKDF2SHA256],
// [PBKDF2SHA1], [Argon2], [BCryptSHA256], [BCrypt] or [Scrypt]; or [Wrapped]. A field
// that is 0 has the default of the site's Django version.
type Parameters interface {
	algorithm() string
	hasher(site) (*hasher, error)
}

// hasher makes hashes of one algorithm with its parameters, and reads those with any.
type hasher struct {
	encode  func(password string) (string, error)
	decode  func(encoded string) (*stored, error) // the error holds nothing of the hash
	longest int                                   // bytes of a password that encode uses; 0 is all
}

// stored is a stored hash.
type stored struct {
	matches  func(password string) (bool, error)
	outdated bool // Django's must_update: encode would use other parameters

	// harden is Django's harden_runtime: it runs for as long as encode takes longer than
	// matches. It may be nil.
	harden func(password string) error
}

// site is what a hasher depends on besides its parameters.
type site struct {
	version   djversion.Version
	bounds    bounds
	algorithm string // with which the hashes begin

	inner string // the algorithm of Wrapped.Inner
}

// digest returns what the hasher hashes: the inner digest of Wrapped, or the password.
func (s site) digest(password, salt string) string { return digests[s.inner](password, salt) }

// longSalt is the number of characters that carry 128 bits, Django's salt_entropy. From 3.2
// on, salts have that length, and hashes with shorter ones are outdated.
const longSalt = 22

func (s site) longSalts() bool { return !s.version.Before(djversion.V3_2) }

func (s site) newSalt() string {
	if s.longSalts() {
		return randomstring.New(longSalt)
	}
	return randomstring.New(12)
}

func (s site) outdatedSalt(salt string) bool {
	return s.longSalts() && utf8.RuneCountInString(salt) < longSalt
}

// bounds are what a stored hash may cost. The parameters of a hasher raise its bounds to
// themselves.
type bounds struct {
	iterations, rounds     int
	memoryCost, argon2Work int
	scryptMaxMem           int
	scryptWork             int64
}

// Each bound allows about five seconds of one current processor, and at least six times what
// the newest Django does by default.
var defaultBounds = bounds{
	iterations:   10_000_000,             // Django 6.1 has 1,500,000
	rounds:       16,                     // each doubles the cost; Django has 12
	memoryCost:   1 << 20,                // in KiB; Django has 100 MiB
	argon2Work:   2 << 20,                // memory_cost times time_cost, in KiB; Django has 200 MiB
	scryptWork:   16 * (1 << 14) * 8 * 5, // n * r * p: 16 times Django's
	scryptMaxMem: 32 << 20,               // OpenSSL's default, which Django's maxmem of 0 means
}

// number reads a positive integer in the only form that Django writes. It may be at most
// the bound.
func number(digits string, bound int) (int, error) {
	n, err := strconv.Atoi(digits)
	switch {
	case err != nil || n < 1 || strconv.Itoa(n) != digits:
		return 0, errDamaged
	case n > bound:
		return 0, errBeyondBounds
	}
	return n, nil
}

// equal compares in constant time.
func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
