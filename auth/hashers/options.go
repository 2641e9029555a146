package hashers

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"runtime"

	"github.com/djsession/djsession/internal/djversion"
)

// Options configure [New]. The zero value has the newest Django's defaults.
type Options struct {
	// DjangoVersion is the feature release of the site ("5.2"; a patch release may follow):
	// the default of PasswordHashers and the parameters follow from it. Empty, or one that is
	// newer than this package, means 6.1.
	DjangoVersion string

	// PasswordHashers is PASSWORD_HASHERS: Django's dotted paths, or algorithms' names such as
	// "argon2". The first makes new hashes, and hashes of algorithms that are not in the list
	// do not match. Of several entries with one algorithm the first counts. Nil means
	// Django's default.
	PasswordHashers []string

	// Parameters describe classes of the site's own, by their entry of PasswordHashers, and
	// change Django's, by entry or algorithm. A subclass that keeps the algorithm's name has
	// the Parameters of its base class; one with a name of its own is a [Wrapped].
	Parameters map[string]Parameters

	// Concurrent is how many hashes may run at once; 0 means half of runtime.GOMAXPROCS(0), at
	// least 1. A hash of argon2 runs on as many processors as its parallelism.
	Concurrent int

	// Queue is how many calls may wait while Concurrent hashes run; 0 means 8 for each of
	// Concurrent. When the queue is full, calls fail with [ErrBusy] at once.
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
	if o.Concurrent < 0 || o.Queue < 0 {
		return nil, errors.New("hashers: Concurrent and Queue must not be negative")
	}
	concurrent := cmp.Or(o.Concurrent, max(1, runtime.GOMAXPROCS(0)/2))
	entries := o.PasswordHashers
	if entries == nil {
		entries = defaultHashers(version)
	}
	if len(entries) == 0 {
		return nil, errors.New("hashers: PASSWORD_HASHERS must not be empty")
	}
	h := &Hashers{
		byAlgorithm: map[string]*hasher{},
		running:     make(chan struct{}, concurrent),
		admitted:    make(chan struct{}, concurrent+cmp.Or(o.Queue, 8*concurrent)),
		logger:      cmp.Or(o.Logger, slog.Default()),
	}
	used := map[string]bool{}
	for i, entry := range entries {
		class, key, err := resolve(entry, o.Parameters)
		if err != nil {
			return nil, err
		}
		used[key] = true
		if i == 0 {
			if err := class.makesIn(version); err != nil {
				return nil, err
			}
			h.preferred, h.updates = class.algorithm, key != ""
		}
		if h.byAlgorithm[class.algorithm] != nil {
			continue
		}
		h.byAlgorithm[class.algorithm], err = class.parameters.hasher(site{version: version, bounds: b, algorithm: class.algorithm})
		if err != nil {
			return nil, fmt.Errorf("hashers: parameters of %q: %w", entry, err)
		}
	}
	for key := range o.Parameters {
		if key == "" || !used[key] {
			return nil, fmt.Errorf("hashers: Parameters has %q, which is not in PASSWORD_HASHERS", key)
		}
	}
	return h, nil
}

// resolve returns the class of an entry of PASSWORD_HASHERS with its parameters, and their
// key in the options, "" if they are not there.
func resolve(entry string, parameters map[string]Parameters) (class, string, error) {
	known, isKnown := find(entry)
	keys := []string{entry}
	if isKnown {
		keys = append(keys, known.algorithm, known.path())
	}
	for _, key := range keys {
		own, found := parameters[key]
		switch {
		case !found:
			continue
		case own == nil:
			return class{}, "", fmt.Errorf("hashers: Parameters has nil for %q", key)
		case isKnown && own.algorithm() != known.algorithm:
			return class{}, "", fmt.Errorf("hashers: Parameters has those of %s for %q, which is %s", own.algorithm(), key, known.algorithm)
		}
		c, _ := find(own.algorithm())
		c.algorithm, c.parameters = own.algorithm(), own
		return c, key, nil
	}
	if !isKnown {
		return class{}, "", fmt.Errorf("hashers: PASSWORD_HASHERS has %q, which is not Django's own: describe it in Parameters under this entry, "+
			"by PBKDF2SHA256{} for instance if its algorithm is pbkdf2_sha256, or by Wrapped{…} if its algorithm has a name of its own, "+
			"and give the hashers to auth.WithHashers; or leave it out, and its hashes will not match", entry)
	}
	return known, "", nil
}
