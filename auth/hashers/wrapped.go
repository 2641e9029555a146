package hashers

import (
	"errors"
	"fmt"
	"strings"
)

// Wrapped describes a hasher class of the site's own that has a name of its own: one
// around the hashes that an old hasher left, as Django's documentation recommends for
// upgrading passwords without a login,
//
//	class PBKDF2WrappedSHA1PasswordHasher(PBKDF2PasswordHasher):
//	    algorithm = "pbkdf2_wrapped_sha1"
//
//	Parameters: map[string]hashers.Parameters{
//		"accounts.hashers.PBKDF2WrappedSHA1PasswordHasher": hashers.Wrapped{
//			Algorithm: "pbkdf2_wrapped_sha1", Inner: "sha1", Outer: hashers.PBKDF2SHA256{},
//		},
//	}
//
// or, without an Inner, a subclass that changes the name and perhaps the parameters.
type Wrapped struct {
	// Algorithm is the class's algorithm, with which its hashes begin.
	Algorithm string

	// Inner is the algorithm of the old hashes: "sha1" or "md5", whose salt is that of
	// the outer hash, "unsalted_sha1" or "unsalted_md5"; empty if there is none. What is
	// hashed again is the old digest as it was stored, in hexadecimal.
	Inner string

	// Outer are the parameters of the hasher that the class derives from: PBKDF2SHA256,
	// PBKDF2SHA1, Scrypt or Argon2, or BCryptSHA256 or BCrypt, which have no salt to
	// share with an Inner of "sha1" or "md5".
	Outer Parameters
}

func (w Wrapped) algorithm() string { return w.Algorithm }

// inners are the digests of old hashes, by Wrapped.Inner.
var inners = map[string]func(password, salt string) string{
	"":              nil,
	"md5":           func(password, salt string) string { return hexMD5(salt + password) },
	"sha1":          func(password, salt string) string { return hexSHA1(salt + password) },
	"unsalted_md5":  func(password, _ string) string { return hexMD5(password) },
	"unsalted_sha1": func(password, _ string) string { return hexSHA1(password) },
}

func (w Wrapped) hasher(s site) (hasher, error) {
	inner, found := inners[w.Inner]
	_, nested := w.Outer.(Wrapped)
	_, ofDjango := find(w.Algorithm)
	switch {
	case w.Algorithm == "" || strings.Contains(w.Algorithm, "$"):
		return nil, errors.New(`field Algorithm must be the class's algorithm, which has no "$"`)
	case ofDjango:
		return nil, fmt.Errorf("field Algorithm is %q, which is Django's own: give the parameters of Outer alone", w.Algorithm)
	case !found:
		return nil, fmt.Errorf("field Inner is %q: it must be sha1, md5, unsalted_sha1 or unsalted_md5, or empty", w.Inner)
	case w.Outer == nil || nested:
		return nil, errors.New("field Outer must be the parameters of the hasher that the class derives from, PBKDF2SHA256{} for instance")
	}
	s.wrapper, s.inner, s.innerSalted = w.Algorithm, inner, w.Inner == "sha1" || w.Inner == "md5"
	return w.Outer.hasher(s)
}

// name returns the algorithm that a hasher's hashes begin with.
func (s site) name(own string) string {
	if s.wrapper != "" {
		return s.wrapper
	}
	return own
}

// innerDigest is what a hasher hashes: the password, or what inner makes of it.
type innerDigest func(password, salt string) string

func (inner innerDigest) of(password, salt string) string {
	if inner == nil {
		return password
	}
	return inner(password, salt)
}
