package hashers

import (
	"cmp"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"math"
	"strings"

	"github.com/djsession/djsession/internal/djversion"
)

// PBKDF2SHA256 are the parameters of Django's PBKDF2PasswordHasher, pbkdf2_sha256.
type PBKDF2SHA256 struct {
	// Iterations by default: 150,000 in Django 2.2, 180,000 in 3.0, 216,000 in 3.1, 260,000
	// in 3.2, 320,000 in 4.0, 390,000 in 4.1, 600,000 in 4.2, 720,000 in 5.0, 870,000 in
	// 5.1, 1,000,000 in 5.2, 1,200,000 in 6.0 and 1,500,000 in 6.1.
	Iterations int
}

// PBKDF2SHA1 are the parameters of Django's PBKDF2SHA1PasswordHasher, pbkdf2_sha1.
type PBKDF2SHA1 struct {
	Iterations int // by default those of PBKDF2SHA256
}

func (PBKDF2SHA256) algorithm() string { return "pbkdf2_sha256" }
func (PBKDF2SHA1) algorithm() string   { return "pbkdf2_sha1" }

func (p PBKDF2SHA256) hasher(s site) (hasher, error) {
	return newPBKDF2(s.name(p.algorithm()), sha256.New, p.Iterations, s)
}

func (p PBKDF2SHA1) hasher(s site) (hasher, error) {
	return newPBKDF2(s.name(p.algorithm()), sha1.New, p.Iterations, s)
}

// pbkdf2Iterations are Django's, by the first version that has them.
var pbkdf2Iterations = []struct {
	since      djversion.Version
	iterations int
}{
	{djversion.V2_2, 150_000},
	{djversion.V3_0, 180_000},
	{djversion.V3_1, 216_000},
	{djversion.V3_2, 260_000},
	{djversion.V4_0, 320_000},
	{djversion.V4_1, 390_000},
	{djversion.V4_2, 600_000},
	{djversion.V5_0, 720_000},
	{djversion.V5_1, 870_000},
	{djversion.V5_2, 1_000_000},
	{djversion.V6_0, 1_200_000},
	{djversion.Newest, 1_500_000},
}

func defaultIterations(v djversion.Version) int {
	iterations := 0
	for _, row := range pbkdf2Iterations {
		if !v.Before(row.since) {
			iterations = row.iterations
		}
	}
	return iterations
}

type pbkdf2Hasher struct {
	algorithm  string
	digest     func() hash.Hash
	inner      innerDigest
	iterations int
	most       int // iterations of a stored hash
	salts      salts
}

func newPBKDF2(algorithm string, digest func() hash.Hash, iterations int, s site) (hasher, error) {
	if iterations < 0 || iterations > math.MaxInt32 {
		return nil, errors.New("field Iterations must be from 1 to 2147483647, the most that Python allows")
	}
	iterations = cmp.Or(iterations, defaultIterations(s.version))
	return &pbkdf2Hasher{
		algorithm:  algorithm,
		digest:     digest,
		inner:      s.inner,
		iterations: iterations,
		most:       max(s.bounds.iterations, iterations),
		salts:      saltsOf(s.version),
	}, nil
}

func (h *pbkdf2Hasher) key(password, salt string, iterations int) (string, error) {
	key, err := pbkdf2.Key(h.digest, h.inner.of(password, salt), []byte(salt), iterations, h.digest().Size())
	if err != nil {
		return "", fmt.Errorf("hashers: %s: %w", h.algorithm, err)
	}
	return base64.StdEncoding.EncodeToString(key), nil
}

func (h *pbkdf2Hasher) encode(password string) (string, error) {
	salt := h.salts.make()
	key, err := h.key(password, salt, h.iterations)
	return fmt.Sprintf("%s$%d$%s$%s", h.algorithm, h.iterations, salt, key), err
}

func (h *pbkdf2Hasher) decode(encoded string) (stored, error) {
	fields := strings.Split(encoded, "$")
	if len(fields) != 4 || fields[2] == "" {
		return nil, errDamaged
	}
	iterations, err := number(fields[1])
	switch {
	case err != nil:
		return nil, err
	case iterations > h.most:
		return nil, errBeyondBounds
	}
	return &pbkdf2Hash{h, iterations, fields[2], fields[3]}, nil
}

type pbkdf2Hash struct {
	hasher       *pbkdf2Hasher
	iterations   int
	salt, digest string
}

func (s *pbkdf2Hash) matches(password string) (bool, error) {
	key, err := s.hasher.key(password, s.salt, s.iterations)
	return err == nil && equal(key, s.digest), err
}

func (s *pbkdf2Hash) outdated() bool {
	return s.iterations != s.hasher.iterations || s.hasher.salts.outdated(s.salt)
}

func (s *pbkdf2Hash) harden(password string) (err error) {
	if missing := s.hasher.iterations - s.iterations; missing > 0 {
		_, err = s.hasher.key(password, s.salt, missing)
	}
	return err
}

// equal compares in constant time.
func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
