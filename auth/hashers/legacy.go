package hashers

import (
	"crypto/md5"
	"crypto/sha1"
	"encoding/hex"
	"strings"
)

// legacy is one of Django's fast hashers, by its algorithm's name: md5, good for tests, and
// those that only old sites may still have. They have no parameters.
type legacy struct{ name string }

// How hashes with an empty salt begin.
const (
	emptySaltMD5  = "md5$$"
	emptySaltSHA1 = "sha1$$"
)

func (l legacy) algorithm() string { return l.name }

func (l legacy) hasher(s site) (hasher, error) {
	switch l.name {
	case "unsalted_md5":
		return &unsaltedHasher{hexMD5, "", emptySaltMD5}, nil
	case "unsalted_sha1":
		return &unsaltedHasher{hexSHA1, emptySaltSHA1, emptySaltSHA1}, nil
	case "sha1":
		return &saltedHasher{l.name, hexSHA1, saltsOf(s.version)}, nil
	}
	return &saltedHasher{l.name, hexMD5, saltsOf(s.version)}, nil
}

func hexMD5(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

func hexSHA1(text string) string {
	sum := sha1.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

// saltedHasher is Django's MD5PasswordHasher or SHA1PasswordHasher.
type saltedHasher struct {
	algorithm string
	digest    func(string) string
	salts     salts
}

func (h *saltedHasher) encode(password string) (string, error) {
	salt := h.salts.make()
	return h.algorithm + "$" + salt + "$" + h.digest(salt+password), nil
}

func (h *saltedHasher) decode(encoded string) (stored, error) {
	fields := strings.Split(encoded, "$")
	if len(fields) != 3 || fields[1] == "" {
		return nil, errDamaged
	}
	return &saltedHash{hasher: h, salt: fields[1], digest: fields[2]}, nil
}

type saltedHash struct {
	unhardened
	hasher       *saltedHasher
	salt, digest string
}

func (s *saltedHash) matches(password string) (bool, error) {
	return equal(s.hasher.digest(s.salt+password), s.digest), nil
}

func (s *saltedHash) outdated() bool { return s.hasher.salts.outdated(s.salt) }

// unsaltedHasher is Django's UnsaltedMD5PasswordHasher or UnsaltedSHA1PasswordHasher.
type unsaltedHasher struct {
	digest        func(string) string
	prefix        string // of new hashes
	allowedPrefix string // of stored ones
}

func (h *unsaltedHasher) encode(password string) (string, error) {
	return h.prefix + h.digest(password), nil
}

func (h *unsaltedHasher) decode(encoded string) (stored, error) {
	digest := strings.TrimPrefix(encoded, h.allowedPrefix)
	if strings.Contains(digest, "$") {
		return nil, errDamaged
	}
	return &unsaltedHash{hasher: h, digest: digest}, nil
}

type unsaltedHash struct {
	unhardened
	hasher *unsaltedHasher
	digest string
}

func (s *unsaltedHash) matches(password string) (bool, error) {
	return equal(s.hasher.digest(password), s.digest), nil
}

func (*unsaltedHash) outdated() bool { return false }
