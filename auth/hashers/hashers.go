package hashers

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"unicode/utf8"
)

// ErrPassword means that no hash can be made of a password: it holds a NUL, is not UTF-8,
// is longer than [maxPasswordLength], or, if plain bcrypt is preferred, than 72 bytes.
var ErrPassword = errors.New("hashers: the password holds a NUL, is not UTF-8, or is too long; choose another")

// Hashers are the password hashers of a site. They are safe for concurrent use; share one,
// since its bound on concurrent hashes is its own.
type Hashers struct {
	preferred   string // an algorithm
	updates     bool   // the preferred hasher's parameters are set
	byAlgorithm map[string]hasher
	slots       chan struct{} // one for each hash that runs
	waiting     atomic.Int64  // for a slot
	queue       int64         // how many may wait
	unmatched   unmatched
}

// Result is what Check says. The zero Result is a password that does not match.
type Result struct {
	// OK: the hash is one of the password.
	OK bool
	// MustUpdate: the password is to be hashed anew with Make, and stored. It is false
	// unless OK is true and the preferred hasher's parameters are set in
	// [Options].Parameters.
	MustUpdate bool
}

// Check tells whether encoded, the value of a user's column `password`, is a hash of the
// password. It is Django's check_password. Whatever the two are, and even if encoded is
// empty, it takes the time of a hash at least; see the package comment. The error is
// [ErrBusy], or says that a hash function failed; a hash that is unusable, damaged or
// unknown is no error, but no match.
func (h *Hashers) Check(ctx context.Context, password, encoded string) (Result, error) {
	// Before it enters the queue: it may log, and a logger may be slow.
	algorithm, hash := h.decode(ctx, encoded)
	release, err := h.enter(ctx)
	if err != nil {
		return Result{}, err
	}
	defer release()

	valid := valid(password)
	password = password[:min(len(password), maxPasswordLength)]
	if hash == nil {
		_, err := h.first().encode(password)
		return Result{}, err
	}
	changed := algorithm != h.preferred
	outdated := changed || hash.outdated()
	ok, err := hash.matches(password)
	switch {
	case err != nil:
		return Result{}, err
	case ok && valid:
		return Result{OK: true, MustUpdate: h.updates && outdated && h.makes(password)}, nil
	case !ok && outdated && !changed:
		// Otherwise a quick answer would tell that there is such a user.
		return Result{}, hash.harden(password)
	}
	return Result{}, nil
}

// decode returns a stored hash and its algorithm, or nil if it cannot match.
func (h *Hashers) decode(ctx context.Context, encoded string) (string, stored) {
	if encoded == "" || !IsUsable(encoded) {
		return "", nil
	}
	algorithm := algorithmOf(encoded)
	hasher, found := h.byAlgorithm[algorithm]
	switch {
	case !found && !known(algorithm):
		// What is no algorithm's name may be the hash itself, or a password in clear.
		h.unmatched.report(ctx, "unknown", errNotConfigured)
	case len(encoded) > maxEncoded:
		h.unmatched.report(ctx, algorithm, errTooLong)
	case !found:
		h.unmatched.report(ctx, algorithm, errNotConfigured)
	default:
		hash, err := hasher.decode(encoded)
		if err == nil {
			return algorithm, hash
		}
		h.unmatched.report(ctx, algorithm, err)
	}
	return "", nil
}

// Make hashes a password with the preferred hasher and a new salt. It is Django's
// make_password. The error is [ErrPassword] or [ErrBusy], or says that a hash function
// failed.
func (h *Hashers) Make(ctx context.Context, password string) (string, error) {
	if !valid(password) || !h.makes(password) {
		return "", ErrPassword
	}
	release, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	return h.first().encode(password)
}

func (h *Hashers) first() hasher { return h.byAlgorithm[h.preferred] }

// makes reports whether the preferred hasher takes a password in full.
func (h *Hashers) makes(password string) bool {
	b, ok := h.first().(*bcryptHasher)
	return !ok || !b.truncates || len(password) <= bcryptLongest
}

func valid(password string) bool {
	return len(password) <= maxPasswordLength && utf8.ValidString(password) && !strings.Contains(password, "\x00")
}

// algorithmOf is Django's identify_hasher: the algorithm that a hash says it is of, which
// need not be a known one.
func algorithmOf(encoded string) string {
	name, _, found := strings.Cut(encoded, "$")
	switch {
	case len(encoded) == 32 && !found, len(encoded) == len(emptySaltMD5)+32 && strings.HasPrefix(encoded, emptySaltMD5):
		return "unsalted_md5"
	case len(encoded) == len(emptySaltSHA1)+40 && strings.HasPrefix(encoded, emptySaltSHA1):
		return "unsalted_sha1"
	}
	return name
}
