package hashers

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// BCryptSHA256 are the parameters of Django's BCryptSHA256PasswordHasher, bcrypt_sha256:
// bcrypt of the password's SHA-256.
type BCryptSHA256 struct {
	Rounds int // the logarithm of the cost; 12 by default
}

// BCrypt are the parameters of Django's BCryptPasswordHasher, bcrypt, which uses the first 72
// bytes of a password.
type BCrypt struct {
	Rounds int // the logarithm of the cost; 12 by default
}

func (BCryptSHA256) algorithm() string { return "bcrypt_sha256" }
func (BCrypt) algorithm() string       { return "bcrypt" }

func (p BCryptSHA256) hasher(s site) (*hasher, error) {
	digest := func(password string) []byte {
		sum := sha256.Sum256([]byte(password))
		return hex.AppendEncode(nil, sum[:])
	}
	return newBCrypt(s, digest, p.Rounds)
}

func (p BCrypt) hasher(s site) (*hasher, error) {
	const longest = 72
	truncate := func(password string) []byte { return []byte(password[:min(len(password), longest)]) }
	h, err := newBCrypt(s, truncate, p.Rounds)
	if err == nil && s.inner == "" {
		h.longest = longest
	}
	return h, err
}

// bcryptHash is stricter than x/crypto, which accepts any letter after the 2, and ignores
// the spare bits of the salt's last digit and what follows the digest.
var bcryptHash = regexp.MustCompile(`^\$2[abxy]\$([0-9]{2})\$[./0-9A-Za-z]{21}[.Oeu][./0-9A-Za-z]{31}$`)

// newBCrypt returns a hasher that gives bcrypt what prepare makes of a password.
func newBCrypt(s site, prepare func(password string) []byte, rounds int) (*hasher, error) {
	if s.inner == "sha1" || s.inner == "md5" {
		return nil, errors.New("field Inner must be unsalted_md5 or unsalted_sha1: bcrypt cannot share its salt with another hash")
	}
	if rounds != 0 && (rounds < bcrypt.MinCost || rounds > bcrypt.MaxCost) {
		return nil, fmt.Errorf("field Rounds must be from %d to %d", bcrypt.MinCost, bcrypt.MaxCost)
	}
	rounds = cmp.Or(rounds, 12)
	encode := func(password string) (string, error) {
		hash, err := bcrypt.GenerateFromPassword(prepare(s.digest(password, "")), rounds)
		// Python's bcrypt writes $2b$, which is the same algorithm.
		return s.algorithm + "$$2b$" + strings.TrimPrefix(string(hash), "$2a$"), err
	}
	decode := func(encoded string) (*stored, error) {
		hash := strings.TrimPrefix(encoded, s.algorithm+"$")
		fields := bcryptHash.FindStringSubmatch(hash)
		if fields == nil {
			return nil, errDamaged
		}
		n, _ := strconv.Atoi(fields[1])
		switch {
		case n < bcrypt.MinCost || n > bcrypt.MaxCost:
			return nil, errDamaged
		case n > max(s.bounds.rounds, rounds):
			return nil, errBeyondBounds
		}
		matches := func(password string) (bool, error) {
			err := bcrypt.CompareHashAndPassword([]byte(hash), prepare(s.digest(password, "")))
			if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
				return false, nil
			}
			return err == nil, err
		}
		harden := func(password string) error {
			for range 1<<max(0, rounds-n) - 1 {
				if _, err := matches(password); err != nil {
					return err
				}
			}
			return nil
		}
		return &stored{matches: matches, outdated: n != rounds, harden: harden}, nil
	}
	return &hasher{encode: encode, decode: decode}, nil
}
