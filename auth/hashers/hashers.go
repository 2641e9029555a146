package hashers

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/djsession/djsession/internal/fault"
)

// ErrPassword: no hash can be made of the password. It contains a NUL, is not UTF-8, is
// longer than 2,621,440 bytes, or, if plain bcrypt is preferred, than 72 bytes.
var ErrPassword = fault.New("hashers: the password contains a NUL, is not UTF-8, or is too long; choose another", fault.BadRequest)

// maxPasswordLength is the length of the longest form that Django accepts, in bytes:
// DATA_UPLOAD_MAX_MEMORY_SIZE by default.
const maxPasswordLength = 2_621_440

// maxEncoded bounds a stored hash, in bytes: Django's column has room for 128 characters.
const maxEncoded = 1024

// Hashers are the password hashers of a site. They are safe for concurrent use. Share one:
// each has its own bound on concurrent hashes.
type Hashers struct {
	preferred   string // an algorithm
	updates     bool   // the preferred hasher's parameters are set
	byAlgorithm map[string]*hasher
	running     chan struct{} // has a value for each hash that runs
	admitted    chan struct{} // has a value for each hash that runs or waits
	logger      *slog.Logger
	reported    sync.Map // the reasons that were logged
}

// Result is the result of Check. The zero Result is a password that does not match.
type Result struct {
	// OK: the password matches.
	OK bool
	// MustUpdate: hash the password again with Make, and store it. It is true only if OK is
	// true and [Options].Parameters has the parameters of the preferred hasher.
	MustUpdate bool
}

// Check reports whether encoded, the value of a user's column `password`, is a hash of the
// password. It is Django's check_password. A hash that is empty, unusable, damaged or of an
// unknown algorithm does not match, and costs as much time as a new hash: for a user who
// does not exist, check the empty one. The error is [ErrBusy], or that of a hash function.
func (h *Hashers) Check(ctx context.Context, password, encoded string) (Result, error) {
	// Before it enters the queue: it may log, and a logger may be slow.
	algorithm, hash := h.decode(ctx, encoded)
	if err := h.enter(ctx); err != nil {
		return Result{}, err
	}
	defer h.leave()

	valid := valid(password)
	password = password[:min(len(password), maxPasswordLength)]
	if hash == nil {
		_, err := h.first().encode(password)
		return Result{}, err
	}
	ok, err := hash.matches(password)
	current := algorithm == h.preferred
	if err == nil && !ok && current && hash.outdated && hash.harden != nil {
		err = hash.harden(password) // a quick answer would tell that there is such a user
	}
	ok = ok && valid
	return Result{OK: ok, MustUpdate: ok && h.updates && (hash.outdated || !current) && h.makes(password)}, err
}

// decode returns a stored hash and its algorithm, or nil if it cannot match.
func (h *Hashers) decode(ctx context.Context, encoded string) (string, *stored) {
	if encoded == "" || !IsUsable(encoded) {
		return "", nil
	}
	algorithm := algorithmOf(encoded)
	hasher, configured := h.byAlgorithm[algorithm]
	var hash *stored
	err := errNotConfigured
	switch {
	case configured && len(encoded) > maxEncoded:
		err = errTooLong
	case configured:
		hash, err = hasher.decode(encoded)
	default:
		if _, known := find(algorithm); !known && algorithm != "crypt" {
			algorithm = "unknown" // the name may be the hash itself, or a password in clear
		}
	}
	if err != nil {
		h.reportUnmatched(ctx, algorithm, err)
		return "", nil
	}
	return algorithm, hash
}

// Make hashes a password with the preferred hasher and a new salt. It is Django's
// make_password. The error is [ErrPassword], [ErrBusy], or that of a hash function.
func (h *Hashers) Make(ctx context.Context, password string) (string, error) {
	if !valid(password) || !h.makes(password) {
		return "", ErrPassword
	}
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	return h.first().encode(password)
}

func (h *Hashers) first() *hasher { return h.byAlgorithm[h.preferred] }

// makes reports whether the preferred hasher uses the whole password.
func (h *Hashers) makes(password string) bool {
	longest := h.first().longest
	return longest == 0 || len(password) <= longest
}

func valid(password string) bool {
	return len(password) <= maxPasswordLength && utf8.ValidString(password) && !strings.Contains(password, "\x00")
}

// algorithmOf is Django's identify_hasher: the name of the hash's algorithm, which need not
// be a known one.
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
