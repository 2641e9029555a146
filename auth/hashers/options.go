package hashers

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"runtime"

	"github.com/djsession/djsession/internal/djversion"
)

// Options are what the hashes depend on. The zero value is the newest Django's defaults.
type Options struct {
	// DjangoVersion is the feature release of the site ("5.2"; a patch release may follow).
	// It decides the default of PasswordHashers, the parameters of new hashes, and which
	// hashes are outdated. Empty means the newest that this package knows, 6.1; so does
	// any that is newer.
	DjangoVersion string

	// PasswordHashers is PASSWORD_HASHERS: Django's dotted paths, or the algorithms' names
	// ("argon2"). Hashes of other algorithms do not match. The first is preferred: it
	// makes new hashes. Of several with one algorithm the first counts. Nil is the
	// version's own default: PBKDF2, with SHA-256 and SHA-1, argon2, bcrypt_sha256, and
	// scrypt from 4.0 on. A class of the site's own must be described in Parameters.
	PasswordHashers []string

	// Parameters describe classes of the site's own, by their entries of PasswordHashers,
	// and change Django's, by entry or algorithm. A class with the algorithm's name of the
	// hasher of Django's that it derives from has the Parameters of that; one with a name
	// of its own is a [Wrapped]. Those of the preferred hasher allow hashing anew, see the
	// package comment, even if they change nothing.
	Parameters map[string]Parameters

	// Concurrent is how many hashes may run at once; 0 means half of
	// runtime.GOMAXPROCS(0), at least 1, so that a burst of logins leaves processors for
	// other work. That does not hold for argon2, one hash of which runs on as many
	// processors as its parallelism says. The package comment says what they take.
	Concurrent int

	// Queue is how many may wait while as many as Concurrent run; 0 means 8 for each of
	// Concurrent. Whoever finds it full gets [ErrBusy] at once.
	Queue int

	// Logger logs stored hashes that cannot match; nil means slog.Default().
	Logger *slog.Logger
}

// New checks the options and returns their hashers.
func New(o Options) (*Hashers, error) { return newHashers(o, defaultBounds) }

func newHashers(o Options, b bounds) (*Hashers, error) {
	version, err := djversion.Parse(o.DjangoVersion)
	if err != nil {
		return nil, fmt.Errorf("hashers: DjangoVersion: %w", err)
	}
	if o.Concurrent < 0 {
		return nil, errors.New("hashers: Concurrent must not be negative")
	}
	if o.Queue < 0 {
		return nil, errors.New("hashers: Queue must not be negative")
	}
	o.Concurrent = cmp.Or(o.Concurrent, max(1, runtime.GOMAXPROCS(0)/2))
	o.Queue = cmp.Or(o.Queue, 8*o.Concurrent)
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	entries := o.PasswordHashers
	if entries == nil {
		entries = defaultHashers(version)
	}
	if len(entries) == 0 {
		return nil, errors.New("hashers: PASSWORD_HASHERS must not be empty")
	}

	h := &Hashers{byAlgorithm: map[string]hasher{}, slots: make(chan struct{}, o.Concurrent), queue: int64(o.Queue), unmatched: unmatched{logger: o.Logger}}
	site := site{version: version, bounds: b}
	used := map[string]bool{}
	for i, entry := range entries {
		class, key, err := resolve(entry, o.Parameters)
		if err != nil {
			return nil, err
		}
		if key != "" {
			used[key] = true
		}
		if i == 0 {
			if err := class.makesIn(version); err != nil {
				return nil, err
			}
			h.preferred, h.updates = class.algorithm, key != ""
		}
		if _, found := h.byAlgorithm[class.algorithm]; found {
			continue
		}
		if h.byAlgorithm[class.algorithm], err = class.parameters.hasher(site); err != nil {
			return nil, fmt.Errorf("hashers: parameters of %q: %w", entry, err)
		}
	}
	for key := range o.Parameters {
		if !used[key] {
			return nil, fmt.Errorf("hashers: Parameters has %q, which is not in PASSWORD_HASHERS", key)
		}
	}
	return h, nil
}

// resolve returns the class that an entry of PASSWORD_HASHERS stands for, with its
// parameters, and the key under which the options have them, if they do.
func resolve(entry string, parameters map[string]Parameters) (class, string, error) {
	known, isKnown := find(entry)
	for _, key := range []string{entry, known.algorithm, known.path()} {
		own, found := parameters[key]
		switch {
		case !found || key == "":
		case own == nil:
			return class{}, "", fmt.Errorf("hashers: Parameters has nil for %q", key)
		case isKnown && own.algorithm() != known.algorithm:
			return class{}, "", fmt.Errorf("hashers: Parameters has those of %s for %q, which is %s", own.algorithm(), key, known.algorithm)
		default:
			return withParameters(own), key, nil
		}
	}
	if !isKnown {
		return class{}, "", fmt.Errorf("hashers: PASSWORD_HASHERS has %q, which is not Django's own: say in Parameters under this entry what it is, "+
			"PBKDF2SHA256{} for instance if its algorithm is pbkdf2_sha256, or Wrapped{…} if its algorithm has a name of its own, "+
			"and give the hashers to auth.WithHashers; or leave it out, and its hashes will not match", entry)
	}
	return known, "", nil
}
