package hashers

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strings"

	"golang.org/x/crypto/argon2"

	"github.com/djsession/djsession/internal/djversion"
)

// Argon2 are the parameters of Django's Argon2PasswordHasher, argon2. Before 3.2 Django
// makes argon2i and knows no other; from 3.2 on it makes argon2id and checks both.
type Argon2 struct {
	TimeCost    int // passes over the memory; 2 by default
	MemoryCost  int // in KiB; 102,400 by default, 512 before Django 3.2
	Parallelism int // at most 255; 8 by default, 2 before Django 3.2

	// HashLen is the length of the digest in bytes. It is not Django's, but that of the
	// site's argon2-cffi: 32, and 16 before its release 21.2. From 3.2 on, Django hashes
	// anew what is of another length.
	HashLen int
}

func (Argon2) algorithm() string { return "argon2" }

const (
	argon2id = "argon2id"
	argon2i  = "argon2i"
	// The most threads that x/crypto can say.
	argon2MostThreads = math.MaxUint8
	// The least that the format allows, in bytes.
	argon2LeastSalt, argon2LeastDigest = 8, 4
	// The least memory for each thread, in KiB.
	argon2LeastMemory = 8
)

var (
	errArgon2Variety = errors.New("its variety of argon2 is not one that this Django version and this package know")
	errArgon2Version = errors.New("its version of argon2 is not 19")
)

type argon2Hasher struct {
	argon2Parameters
	algorithm            string
	inner                innerDigest
	variety              string // of new hashes
	hashLen              int    // of new hashes
	mostMemory, mostWork int    // of stored ones
	salts                salts
}

type argon2Parameters struct{ timeCost, memoryCost, parallelism int }

func (p Argon2) hasher(s site) (hasher, error) {
	h := &argon2Hasher{algorithm: s.name(p.algorithm()), inner: s.inner, variety: argon2id, salts: saltsOf(s.version)}
	memoryCost, parallelism := 102_400, 8
	if s.version.Before(djversion.V3_2) {
		h.variety, memoryCost, parallelism = argon2i, 512, 2
	}
	h.timeCost, h.memoryCost = cmp.Or(p.TimeCost, 2), cmp.Or(p.MemoryCost, memoryCost)
	h.parallelism, h.hashLen = cmp.Or(p.Parallelism, parallelism), cmp.Or(p.HashLen, 32)
	switch {
	case h.timeCost < 1:
		return nil, errors.New("field TimeCost must be at least 1")
	case h.parallelism < 1 || h.parallelism > argon2MostThreads:
		return nil, fmt.Errorf("field Parallelism must be from 1 to %d", argon2MostThreads)
	case h.memoryCost < argon2LeastMemory*h.parallelism:
		return nil, fmt.Errorf("field MemoryCost must be at least %d times Parallelism", argon2LeastMemory)
	case h.timeCost > math.MaxInt32/h.memoryCost:
		return nil, errors.New("field MemoryCost times TimeCost must be at most 2147483647")
	case h.hashLen < argon2LeastDigest || h.hashLen > maxEncoded/2:
		return nil, fmt.Errorf("field HashLen must be from %d to %d", argon2LeastDigest, maxEncoded/2)
	}
	h.mostMemory = max(s.bounds.memoryCost, h.memoryCost)
	h.mostWork = max(s.bounds.argon2Work, h.memoryCost*h.timeCost)
	return h, nil
}

func (h *argon2Hasher) encode(password string) (string, error) {
	s := &argon2Hash{hasher: h, variety: h.variety, argon2Parameters: h.argon2Parameters, salt: []byte(h.salts.make())}
	return h.algorithm + "$" + s.encoded(s.key(password, h.hashLen)), nil
}

func (h *argon2Hasher) decode(encoded string) (stored, error) {
	fields := strings.Split(encoded, "$")
	if len(fields) == 5 && strings.HasPrefix(fields[2], "m=") {
		return nil, errArgon2Version // 16, which does not say so
	}
	if len(fields) != 6 {
		return nil, errDamaged
	}
	s := &argon2Hash{hasher: h, variety: fields[1]}
	if s.variety != argon2i && s.variety != h.variety {
		return nil, errArgon2Variety
	}
	if fields[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return nil, errArgon2Version
	}
	parameters := strings.Split(fields[3], ",")
	if len(parameters) != 3 {
		return nil, errDamaged
	}
	for i, parameter := range []struct {
		name  string
		value *int
	}{{"m=", &s.memoryCost}, {"t=", &s.timeCost}, {"p=", &s.parallelism}} {
		digits, named := strings.CutPrefix(parameters[i], parameter.name)
		if !named {
			return nil, errDamaged
		}
		var err error
		if *parameter.value, err = number(digits); err != nil {
			return nil, err
		}
	}
	switch {
	case s.parallelism > argon2MostThreads || s.memoryCost > h.mostMemory || s.timeCost > h.mostWork/s.memoryCost:
		return nil, errBeyondBounds
	case s.memoryCost < argon2LeastMemory*s.parallelism:
		return nil, errDamaged
	}
	var errSalt, errDigest error
	s.salt, errSalt = base64.RawStdEncoding.DecodeString(fields[4])
	s.digest, errDigest = base64.RawStdEncoding.DecodeString(fields[5])
	if errSalt != nil || errDigest != nil || len(s.salt) < argon2LeastSalt || len(s.digest) < argon2LeastDigest {
		return nil, errDamaged
	}
	// What Go accepts and argon2 does not: line breaks, spare bits.
	if h.algorithm+"$"+s.encoded(s.digest) != encoded {
		return nil, errDamaged
	}
	return s, nil
}

type argon2Hash struct {
	unhardened
	hasher  *argon2Hasher
	variety string
	argon2Parameters
	salt, digest []byte
}

// encoded is the text of the hash after the algorithm.
func (s *argon2Hash) encoded(digest []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("%s$v=%d$m=%d,t=%d,p=%d$%s$%s", s.variety, argon2.Version, s.memoryCost, s.timeCost, s.parallelism,
		b64.EncodeToString(s.salt), b64.EncodeToString(digest))
}

func (s *argon2Hash) key(password string, length int) []byte {
	derive := argon2.IDKey
	if s.variety == argon2i {
		derive = argon2.Key
	}
	password = s.hasher.inner.of(password, string(s.salt))
	return derive([]byte(password), s.salt, uint32(s.timeCost), uint32(s.memoryCost), uint8(s.parallelism), uint32(length))
}

func (s *argon2Hash) matches(password string) (bool, error) {
	return equal(string(s.key(password, len(s.digest))), string(s.digest)), nil
}

func (s *argon2Hash) outdated() bool {
	h := s.hasher
	if s.argon2Parameters != h.argon2Parameters {
		return true
	}
	// Before 3.2 nothing else counts. The salt is counted in bytes here.
	return h.salts.sound && (s.variety != h.variety || len(s.digest) != h.hashLen || len(s.salt) < soundSalt)
}
