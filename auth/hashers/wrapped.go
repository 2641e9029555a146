package hashers

import (
	"errors"
	"fmt"
	"strings"
)

// Wrapped describes a hasher class of the site's own whose algorithm has a name of its own:
// one around the hashes of an old hasher, as Django's documentation recommends for upgrading
// passwords without a login, or, without an Inner, a subclass that changes the name. The page
// docs/users.md has an example.
type Wrapped struct {
	// Algorithm is the class's algorithm, with which its hashes begin.
	Algorithm string

	// Inner is the algorithm of the old hashes: "sha1" or "md5", which use the salt of the
	// outer hash, "unsalted_sha1" or "unsalted_md5"; empty if there is none. The outer hash
	// is of the old digest in hexadecimal.
	Inner string

	// Outer are the parameters of the hasher that the class derives from. BCryptSHA256 and
	// BCrypt do not work with an Inner of "sha1" or "md5", with which they cannot share a
	// salt.
	Outer Parameters
}

func (w Wrapped) algorithm() string { return w.Algorithm }

func (w Wrapped) hasher(s site) (*hasher, error) {
	_, found := digests[w.Inner]
	_, nested := w.Outer.(Wrapped)
	_, builtIn := find(w.Algorithm)
	switch {
	case w.Algorithm == "" || strings.Contains(w.Algorithm, "$"):
		return nil, errors.New(`field Algorithm must be the class's algorithm, which has no "$"`)
	case builtIn:
		return nil, fmt.Errorf("field Algorithm is %q, which is Django's own: give the parameters of Outer alone", w.Algorithm)
	case !found:
		return nil, fmt.Errorf("field Inner is %q: it must be sha1, md5, unsalted_sha1 or unsalted_md5, or empty", w.Inner)
	case w.Outer == nil || nested:
		return nil, errors.New("field Outer must be the parameters of the hasher that the class derives from, PBKDF2SHA256{} for instance")
	}
	s.inner = w.Inner
	return w.Outer.hasher(s)
}
