package hashers

import (
	"cmp"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
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
	Iterations int // by default as in Django: 150,000 in 2.2, up to 1,500,000 in 6.1
}

// PBKDF2SHA1 are the parameters of Django's PBKDF2SHA1PasswordHasher, pbkdf2_sha1.
type PBKDF2SHA1 struct {
	Iterations int // by default those of PBKDF2SHA256
}

func (PBKDF2SHA256) algorithm() string { return "pbkdf2_sha256" }
func (PBKDF2SHA1) algorithm() string   { return "pbkdf2_sha1" }

func (p PBKDF2SHA256) hasher(s site) (*hasher, error) { return newPBKDF2(s, sha256.New, p.Iterations) }
func (p PBKDF2SHA1) hasher(s site) (*hasher, error)   { return newPBKDF2(s, sha1.New, p.Iterations) }

// pbkdf2Iterations are Django's defaults.
var pbkdf2Iterations = map[djversion.Version]int{
	djversion.V2_2:   150_000,
	djversion.V3_0:   180_000,
	djversion.V3_1:   216_000,
	djversion.V3_2:   260_000,
	djversion.V4_0:   320_000,
	djversion.V4_1:   390_000,
	djversion.V4_2:   600_000,
	djversion.V5_0:   720_000,
	djversion.V5_1:   870_000,
	djversion.V5_2:   1_000_000,
	djversion.V6_0:   1_200_000,
	djversion.Newest: 1_500_000,
}

func newPBKDF2(s site, sum func() hash.Hash, iterations int) (*hasher, error) {
	if iterations < 0 || iterations > math.MaxInt32 {
		return nil, errors.New("field Iterations must be from 1 to 2147483647, the most that Python allows")
	}
	iterations = cmp.Or(iterations, pbkdf2Iterations[s.version], pbkdf2Iterations[djversion.Newest])
	key := func(password, salt string, iterations int) (string, error) {
		key, err := pbkdf2.Key(sum, s.digest(password, salt), []byte(salt), iterations, sum().Size())
		return base64.StdEncoding.EncodeToString(key), err
	}
	encode := func(password string) (string, error) {
		salt := s.newSalt()
		digest, err := key(password, salt, iterations)
		return fmt.Sprintf("%s$%d$%s$%s", s.algorithm, iterations, salt, digest), err
	}
	decode := func(encoded string) (*stored, error) {
		fields := strings.Split(encoded, "$")
		if len(fields) != 4 || fields[2] == "" {
			return nil, errDamaged
		}
		n, err := number(fields[1], max(s.bounds.iterations, iterations))
		salt, digest := fields[2], fields[3]
		matches := func(password string) (bool, error) {
			got, err := key(password, salt, n)
			return err == nil && equal(got, digest), err
		}
		harden := func(password string) (err error) {
			if n < iterations {
				_, err = key(password, salt, iterations-n)
			}
			return err
		}
		return &stored{matches: matches, outdated: n != iterations || s.outdatedSalt(salt), harden: harden}, err
	}
	return &hasher{encode: encode, decode: decode}, nil
}
