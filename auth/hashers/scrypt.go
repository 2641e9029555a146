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

// Scrypt are the parameters of Django's ScryptPasswordHasher, scrypt, which came with 4.0.
type Scrypt struct {
	WorkFactor  int // a power of two; 16,384 by default
	BlockSize   int // 8 by default
	Parallelism int // 5 by default, 1 before Django 5.1

	// MaxMem is the most memory that a hash may take, in bytes; one that takes more does
	// not match, in Django as here. By default 32 MiB: Django leaves it to OpenSSL.
	MaxMem int
}

func (Scrypt) algorithm() string { return "scrypt" }

var errScryptRefused = errors.New("OpenSSL and so Django refuse its parameters: work_factor must be a power of two, and maxmem suffice")

// scryptDigest is the length of Django's digests, in bytes.
const scryptDigest = 64

type scryptHasher struct {
	scryptParameters
	algorithm string
	inner     innerDigest
	maxMem    int
	mostWork  int64
	salts     salts
}

// scryptParameters are named as Django's: n is work_factor, r block_size, p parallelism.
type scryptParameters struct{ n, r, p int }

func (p Scrypt) hasher(s site) (hasher, error) {
	parallelism := 5
	if s.version.Before(djversion.V5_1) {
		parallelism = 1
	}
	h := &scryptHasher{
		scryptParameters: scryptParameters{cmp.Or(p.WorkFactor, 1<<14), cmp.Or(p.BlockSize, 8), cmp.Or(p.Parallelism, parallelism)},
		maxMem:           cmp.Or(p.MaxMem, s.bounds.scryptMaxMem),
		salts:            saltsOf(s.version),
		algorithm:        s.name(p.algorithm()),
		inner:            s.inner,
	}
	switch {
	case h.maxMem < 0 || h.maxMem > math.MaxInt32:
		return nil, errors.New("field MaxMem must be from 1 to 2147483647, the most that Python allows")
	case !h.allowed(h.maxMem):
		return nil, errors.New("field WorkFactor must be a power of two from 2 on, BlockSize and Parallelism at least 1, " +
			"and MaxMem at least 128 * BlockSize * (WorkFactor + Parallelism + 2)")
	}
	h.mostWork = max(int64(s.bounds.scryptWork), h.work())
	return h, nil
}

// allowed is what OpenSSL checks.
func (s scryptParameters) allowed(maxMem int) bool {
	if s.n < 2 || s.n&(s.n-1) != 0 || s.r < 1 || s.p < 1 {
		return false
	}
	if s.r < 4 && int64(s.n) >= 1<<(16*s.r) {
		return false
	}
	n, r, p, blocks := int64(s.n), int64(s.r), int64(s.p), int64(maxMem/128)
	if n > blocks || r > blocks || p > blocks {
		return false // what follows cannot overflow
	}
	return p*r+(n+2)*r <= blocks
}

// work is what the time depends on. The parameters must be allowed.
func (s scryptParameters) work() int64 { return int64(s.n) * int64(s.r) * int64(s.p) }

func (s scryptParameters) key(password, salt string) (string, error) {
	key, err := scrypt.Key([]byte(password), []byte(salt), s.n, s.r, s.p, scryptDigest)
	if err != nil {
		return "", fmt.Errorf("hashers: scrypt: %w", err)
	}
	return base64.StdEncoding.EncodeToString(key), nil
}

func (h *scryptHasher) encode(password string) (string, error) {
	salt := h.salts.make()
	key, err := h.key(h.inner.of(password, salt), salt)
	return fmt.Sprintf("%s$%d$%s$%d$%d$%s", h.algorithm, h.n, salt, h.r, h.p, key), err
}

func (h *scryptHasher) decode(encoded string) (stored, error) {
	fields := strings.Split(encoded, "$")
	if len(fields) != 6 || fields[2] == "" {
		return nil, errDamaged
	}
	n, errN := number(fields[1])
	r, errR := number(fields[3])
	p, errP := number(fields[4])
	if errN != nil || errR != nil || errP != nil {
		return nil, errDamaged
	}
	s := &scryptHash{scryptParameters: scryptParameters{n, r, p}, hasher: h, salt: fields[2], digest: fields[5]}
	switch {
	case !s.allowed(h.maxMem):
		return nil, errScryptRefused
	case s.work() > h.mostWork:
		return nil, errBeyondBounds
	}
	return s, nil
}

type scryptHash struct {
	scryptParameters
	unhardened
	hasher       *scryptHasher
	salt, digest string
}

func (s *scryptHash) matches(password string) (bool, error) {
	key, err := s.key(s.hasher.inner.of(password, s.salt), s.salt)
	return err == nil && equal(key, s.digest), err
}

// outdated leaves the salt out, as Django does.
func (s *scryptHash) outdated() bool { return s.scryptParameters != s.hasher.scryptParameters }
