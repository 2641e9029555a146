package hashers

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// BCryptSHA256 are the parameters of Django's BCryptSHA256PasswordHasher, bcrypt_sha256:
// bcrypt of the password's SHA-256.
type BCryptSHA256 struct {
	Rounds int // the logarithm of the cost; 12 by default
}

// BCrypt are the parameters of Django's BCryptPasswordHasher, bcrypt. It looks at no more
// than 72 bytes of a password.
type BCrypt struct {
	Rounds int // the logarithm of the cost; 12 by default
}

func (BCryptSHA256) algorithm() string { return "bcrypt_sha256" }
func (BCrypt) algorithm() string       { return "bcrypt" }

func (p BCryptSHA256) hasher(s site) (hasher, error) {
	digest := func(password string) []byte {
		sum := sha256.Sum256([]byte(password))
		return hex.AppendEncode(nil, sum[:])
	}
	return newBCrypt(s.name(p.algorithm()), digest, p.Rounds, s)
}

// bcryptLongest is what bcrypt sees of a password, in bytes.
const bcryptLongest = 72

func (p BCrypt) hasher(s site) (hasher, error) {
	truncate := func(password string) []byte { return []byte(password[:min(len(password), bcryptLongest)]) }
	h, err := newBCrypt(s.name(p.algorithm()), truncate, p.Rounds, s)
	if err != nil {
		return nil, err
	}
	h.truncates = s.inner == nil
	return h, nil
}

type bcryptHasher struct {
	algorithm string
	prepare   func(password string) []byte
	rounds    int
	most      int // rounds of a stored hash
	truncates bool
}

func newBCrypt(algorithm string, prepare func(string) []byte, rounds int, s site) (*bcryptHasher, error) {
	if s.innerSalted {
		return nil, errors.New("field Inner must be unsalted_md5 or unsalted_sha1: the salt of bcrypt is not one that another hash can share")
	}
	if rounds != 0 && (rounds < bcrypt.MinCost || rounds > bcrypt.MaxCost) {
		return nil, fmt.Errorf("field Rounds must be from %d to %d", bcrypt.MinCost, bcrypt.MaxCost)
	}
	rounds = cmp.Or(rounds, 12)
	inner := func(password string) []byte { return prepare(s.inner.of(password, "")) }
	return &bcryptHasher{algorithm: algorithm, prepare: inner, rounds: rounds, most: max(s.bounds.rounds, rounds)}, nil
}

func (h *bcryptHasher) encode(password string) (string, error) {
	hash, err := bcrypt.GenerateFromPassword(h.prepare(password), h.rounds)
	if err != nil {
		return "", h.failed(err)
	}
	// Python's bcrypt writes $2b$, which is the same algorithm.
	return h.algorithm + "$$2b$" + strings.TrimPrefix(string(hash), "$2a$"), nil
}

func (h *bcryptHasher) failed(err error) error {
	return fmt.Errorf("hashers: %s: %w", h.algorithm, err)
}

// $2b$12$, salt, digest: the lengths in characters.
const (
	bcryptSalt   = 22
	bcryptLength = 7 + bcryptSalt + 31
)

// decode is stricter than x/crypto, which accepts any letter as the variety, and ignores
// the salt's spare bits and what follows the digest.
func (h *bcryptHasher) decode(encoded string) (stored, error) {
	hash := strings.TrimPrefix(encoded, h.algorithm+"$")
	if len(hash) != bcryptLength {
		return nil, errDamaged
	}
	variety, rounds, rest := hash[:4], hash[4:6], hash[7:]
	switch {
	case variety != "$2a$" && variety != "$2b$" && variety != "$2x$" && variety != "$2y$":
		return nil, errDamaged
	case hash[6] != '$' || strings.ContainsFunc(rest, notBCryptDigit):
		return nil, errDamaged
	case !strings.ContainsRune(".Oeu", rune(rest[bcryptSalt-1])): // it carries two bits
		return nil, errDamaged
	}
	n, err := number(strings.TrimPrefix(rounds, "0"))
	switch {
	case err != nil:
		return nil, err
	case n < bcrypt.MinCost || n > bcrypt.MaxCost:
		return nil, errDamaged
	case n > h.most:
		return nil, errBeyondBounds
	}
	return &bcryptHash{h, n, []byte(hash)}, nil
}

func notBCryptDigit(r rune) bool {
	return r != '.' && r != '/' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

type bcryptHash struct {
	hasher *bcryptHasher
	rounds int
	hash   []byte
}

func (s *bcryptHash) matches(password string) (bool, error) {
	err := bcrypt.CompareHashAndPassword(s.hash, s.hasher.prepare(password))
	if err != nil && !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return false, s.hasher.failed(err)
	}
	return err == nil, nil
}

func (s *bcryptHash) outdated() bool { return s.rounds != s.hasher.rounds }

// harden hashes until all has cost as much as one hash of the hasher's own.
func (s *bcryptHash) harden(password string) error {
	for range 1<<max(0, s.hasher.rounds-s.rounds) - 1 {
		if _, err := s.matches(password); err != nil {
			return err
		}
	}
	return nil
}
