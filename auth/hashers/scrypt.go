package hashers

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strings"

	"golang.org/x/crypto/scrypt"

	"github.com/djsession/djsession/internal/djversion"
)

// Scrypt are the parameters of Django's ScryptPasswordHasher, scrypt, which is new in 4.0.
type Scrypt struct {
	WorkFactor  int // a power of two; 16,384 by default
	BlockSize   int // 8 by default
	Parallelism int // 5 by default, 1 before Django 5.1

	// MaxMem is the most memory that a hash may take, in bytes. As in Django, a hash that
	// takes more does not match. 32 MiB by default, which is OpenSSL's default.
	MaxMem int
}

func (Scrypt) algorithm() string { return "scrypt" }

var errScryptRefused = errors.New("OpenSSL and so Django refuse its parameters: work_factor must be a power of two, and maxmem suffice")

func (p Scrypt) hasher(s site) (*hasher, error) {
	parallelism := 5
	if s.version.Before(djversion.V5_1) {
		parallelism = 1
	}
	p = Scrypt{
		WorkFactor:  cmp.Or(p.WorkFactor, 1<<14),
		BlockSize:   cmp.Or(p.BlockSize, 8),
		Parallelism: cmp.Or(p.Parallelism, parallelism),
		MaxMem:      cmp.Or(p.MaxMem, s.bounds.scryptMaxMem),
	}
	switch {
	case p.MaxMem < 0 || p.MaxMem > math.MaxInt32:
		return nil, errors.New("field MaxMem must be from 1 to 2147483647, the most that Python allows")
	case !p.allowed():
		return nil, errors.New("field WorkFactor must be a power of two from 2 on, BlockSize and Parallelism at least 1, " +
			"and MaxMem at least 128 * BlockSize * (WorkFactor + Parallelism + 2)")
	}
	encode := func(password string) (string, error) {
		salt := s.newSalt()
		key, err := p.key(s.digest(password, salt), salt)
		return fmt.Sprintf("%s$%d$%s$%d$%d$%s", s.algorithm, p.WorkFactor, salt, p.BlockSize, p.Parallelism, key), err
	}
	decode := func(encoded string) (*stored, error) {
		fields := strings.Split(encoded, "$")
		if len(fields) != 6 || fields[2] == "" {
			return nil, errDamaged
		}
		salt, digest := fields[2], fields[5]
		n, errN := number(fields[1], math.MaxInt)
		r, errR := number(fields[3], math.MaxInt)
		parallelism, errP := number(fields[4], math.MaxInt)
		c := Scrypt{n, r, parallelism, p.MaxMem}
		switch {
		case errN != nil || errR != nil || errP != nil:
			return nil, errDamaged
		case !c.allowed():
			return nil, errScryptRefused
		case c.work() > max(s.bounds.scryptWork, p.work()):
			return nil, errBeyondBounds
		}
		matches := func(password string) (bool, error) {
			key, err := c.key(s.digest(password, salt), salt)
			return err == nil && equal(key, digest), err
		}
		return &stored{matches: matches, outdated: c != p}, nil // whatever the salt, as in Django
	}
	return &hasher{encode: encode, decode: decode}, nil
}

// allowed reports whether OpenSSL accepts the parameters.
func (p Scrypt) allowed() bool {
	n, r, parallelism, blocks := int64(p.WorkFactor), int64(p.BlockSize), int64(p.Parallelism), int64(p.MaxMem/128)
	if n < 2 || n&(n-1) != 0 || min(r, parallelism) < 1 || max(n, r, parallelism) > blocks {
		return false // what follows cannot overflow
	}
	return (r >= 4 || n < 1<<(16*r)) && parallelism*r+(n+2)*r <= blocks
}

// work is what the time depends on. The parameters must be allowed.
func (p Scrypt) work() int64 { return int64(p.WorkFactor) * int64(p.BlockSize) * int64(p.Parallelism) }

func (p Scrypt) key(password, salt string) (string, error) {
	const length = 64 // of Django's digests, in bytes
	key, err := scrypt.Key([]byte(password), []byte(salt), p.WorkFactor, p.BlockSize, p.Parallelism, length)
	return base64.StdEncoding.EncodeToString(key), err
}
