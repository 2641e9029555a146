package hashers

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Argon2 are the parameters of Django's Argon2PasswordHasher, argon2. Before 3.2 Django
// makes argon2i and knows no other; from 3.2 on it makes argon2id and checks both.
type Argon2 struct {
	TimeCost    int // passes over the memory; 2 by default
	MemoryCost  int // in KiB; 102,400 by default, 512 before Django 3.2
	Parallelism int // at most 255; 8 by default, 2 before Django 3.2

	// HashLen is the length of the digest in bytes. It is set by the site's argon2-cffi,
	// not by Django: 32, and 16 before release 21.2. From 3.2 on, Django hashes a password
	// again if its digest has another length.
	HashLen int
}

func (Argon2) algorithm() string { return "argon2" }

var (
	errArgon2Variety = errors.New("its variety of argon2 is not one that this Django version and this package know")
	errArgon2Version = errors.New("its version of argon2 is not 19")
)

func (p Argon2) hasher(s site) (*hasher, error) {
	variety, memoryCost, parallelism := "argon2id", 102_400, 8
	if !s.longSalts() {
		variety, memoryCost, parallelism = "argon2i", 512, 2
	}
	p = Argon2{
		TimeCost:    cmp.Or(p.TimeCost, 2),
		MemoryCost:  cmp.Or(p.MemoryCost, memoryCost),
		Parallelism: cmp.Or(p.Parallelism, parallelism),
		HashLen:     cmp.Or(p.HashLen, 32),
	}
	if !p.allowed() {
		return nil, errors.New("field TimeCost must be at least 1, Parallelism from 1 to 255, MemoryCost at least 8 times Parallelism, " +
			"MemoryCost times TimeCost at most 2147483647, and HashLen from 4 to 512")
	}
	encode := func(password string) (string, error) {
		h := argon2Hash{p, variety, []byte(s.newSalt())}
		return s.algorithm + h.text(h.key(s, password)), nil
	}
	decode := func(encoded string) (*stored, error) {
		fields := strings.Split(encoded, "$")
		switch {
		case len(fields) == 5 && strings.HasPrefix(fields[2], "m="): // version 16 had no v=
			return nil, errArgon2Version
		case len(fields) != 6:
			return nil, errDamaged
		}
		h := argon2Hash{variety: fields[1]}
		_, err := fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &h.MemoryCost, &h.TimeCost, &h.Parallelism)
		switch {
		case h.variety != "argon2i" && h.variety != variety:
			return nil, errArgon2Variety
		case fields[2] != fmt.Sprintf("v=%d", argon2.Version):
			return nil, errArgon2Version
		case err != nil || h.MemoryCost < 1 || h.TimeCost < 1:
			return nil, errDamaged
		case h.Parallelism > math.MaxUint8,
			h.MemoryCost > max(s.bounds.memoryCost, p.MemoryCost),
			h.TimeCost > max(s.bounds.argon2Work, p.MemoryCost*p.TimeCost)/h.MemoryCost:
			return nil, errBeyondBounds
		}
		salt, errSalt := base64.RawStdEncoding.DecodeString(fields[4])
		digest, errDigest := base64.RawStdEncoding.DecodeString(fields[5])
		h.salt, h.HashLen = salt, len(digest)
		// The text differs if it has another form of a number, line breaks or spare bits, which
		// Go accepts.
		if errSalt != nil || errDigest != nil || len(salt) < 8 || !h.allowed() || s.algorithm+h.text(digest) != encoded {
			return nil, errDamaged
		}
		matches := func(password string) (bool, error) { return equal(string(h.key(s, password)), string(digest)), nil }
		outdated := h.Argon2 != p || h.variety != variety || len(salt) < longSalt
		if !s.longSalts() { // before 3.2 Django compares the costs alone
			outdated = h.TimeCost != p.TimeCost || h.MemoryCost != p.MemoryCost || h.Parallelism != p.Parallelism
		}
		return &stored{matches: matches, outdated: outdated}, nil
	}
	return &hasher{encode: encode, decode: decode}, nil
}

// allowed reports whether the format and x/crypto allow the parameters.
func (p Argon2) allowed() bool {
	return p.TimeCost >= 1 && p.Parallelism >= 1 && p.Parallelism <= math.MaxUint8 && p.MemoryCost >= 8*p.Parallelism &&
		p.TimeCost <= math.MaxInt32/p.MemoryCost && p.HashLen >= 4 && p.HashLen <= maxEncoded/2
}

// argon2Hash is a hash without its digest.
type argon2Hash struct {
	Argon2
	variety string
	salt    []byte
}

// text returns what follows the algorithm.
func (h argon2Hash) text(digest []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$%s$v=%d$m=%d,t=%d,p=%d$%s$%s", h.variety, argon2.Version, h.MemoryCost, h.TimeCost, h.Parallelism,
		b64.EncodeToString(h.salt), b64.EncodeToString(digest))
}

func (h argon2Hash) key(s site, password string) []byte {
	derive := argon2.IDKey
	if h.variety == "argon2i" {
		derive = argon2.Key
	}
	password = s.digest(password, string(h.salt))
	return derive([]byte(password), h.salt, uint32(h.TimeCost), uint32(h.MemoryCost), uint8(h.Parallelism), uint32(h.HashLen))
}
