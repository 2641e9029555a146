package hashers

import (
	"crypto/md5"
	"crypto/sha1"
	"encoding/hex"
	"strings"
)

// legacy is one of Django's fast hashers, by its algorithm's name: md5, which sites use in
// tests, and those that only old sites still have. They have no parameters.
type legacy string

// digests are those of the fast hashers, in hexadecimal, and under "" the password itself.
var digests = map[string]func(password, salt string) string{
	"":              func(password, _ string) string { return password },
	"md5":           func(password, salt string) string { return hexMD5(salt + password) },
	"sha1":          func(password, salt string) string { return hexSHA1(salt + password) },
	"unsalted_md5":  func(password, _ string) string { return hexMD5(password) },
	"unsalted_sha1": func(password, _ string) string { return hexSHA1(password) },
}

func hexMD5(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

func hexSHA1(text string) string {
	sum := sha1.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

func (l legacy) algorithm() string { return string(l) }

// How hashes with an empty salt begin.
const (
	emptySaltMD5  = "md5$$"
	emptySaltSHA1 = "sha1$$"
)

func (l legacy) hasher(s site) (*hasher, error) {
	name, unsalted := strings.CutPrefix(string(l), "unsalted_")
	digest := digests[string(l)]
	encode := func(password string) (string, error) {
		switch {
		case !unsalted:
			salt := s.newSalt()
			return name + "$" + salt + "$" + digest(password, salt), nil
		case name == "md5":
			return digest(password, ""), nil
		}
		return emptySaltSHA1 + digest(password, ""), nil
	}
	decode := func(encoded string) (*stored, error) {
		fields := strings.Split(encoded, "$")
		salt, want := "", fields[len(fields)-1]
		switch {
		case len(fields) == 3 && fields[0] == name && unsalted == (fields[1] == ""):
			salt = fields[1]
		case len(fields) == 1 && unsalted: // the digest alone, as Django writes MD5
		default:
			return nil, errDamaged
		}
		matches := func(password string) (bool, error) { return equal(digest(password, salt), want), nil }
		return &stored{matches: matches, outdated: !unsalted && s.outdatedSalt(salt)}, nil
	}
	return &hasher{encode: encode, decode: decode}, nil
}
