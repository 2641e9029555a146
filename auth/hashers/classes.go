package hashers

import (
	"fmt"
	"slices"

	"github.com/djsession/djsession/internal/djversion"
)

// class is one of Django's hasher classes.
type class struct {
	algorithm  string
	name       string // in django.contrib.auth.hashers
	parameters Parameters
	since      djversion.Version // zero: older than all supported versions
	until      djversion.Version // the first version without it; zero: none
}

// classes are all that this package knows, the best for new hashes first.
var classes = []class{
	{algorithm: "pbkdf2_sha256", name: "PBKDF2PasswordHasher", parameters: PBKDF2SHA256{}},
	{algorithm: "pbkdf2_sha1", name: "PBKDF2SHA1PasswordHasher", parameters: PBKDF2SHA1{}},
	{algorithm: "argon2", name: "Argon2PasswordHasher", parameters: Argon2{}},
	{algorithm: "bcrypt_sha256", name: "BCryptSHA256PasswordHasher", parameters: BCryptSHA256{}},
	{algorithm: "bcrypt", name: "BCryptPasswordHasher", parameters: BCrypt{}},
	{algorithm: "scrypt", name: "ScryptPasswordHasher", parameters: Scrypt{}, since: djversion.V4_0},
	{algorithm: "md5", name: "MD5PasswordHasher", parameters: legacy("md5")},
	{algorithm: "sha1", name: "SHA1PasswordHasher", parameters: legacy("sha1"), until: djversion.V5_1},
	{algorithm: "unsalted_md5", name: "UnsaltedMD5PasswordHasher", parameters: legacy("unsalted_md5"), until: djversion.V5_1},
	{algorithm: "unsalted_sha1", name: "UnsaltedSHA1PasswordHasher", parameters: legacy("unsalted_sha1"), until: djversion.V5_1},
}

// All returns the names of all algorithms that this package knows, for the PasswordHashers
// of a caller that does not know the site's: pbkdf2_sha256 first, then the other strong
// ones, and those of old sites last.
func All() []string {
	names := make([]string, len(classes))
	for i, c := range classes {
		names[i] = c.algorithm
	}
	return names
}

// defaultHashers is Django's own PASSWORD_HASHERS.
func defaultHashers(v djversion.Version) []string {
	names := []string{"pbkdf2_sha256", "pbkdf2_sha1", "argon2", "bcrypt_sha256"}
	if !v.Before(djversion.V4_0) {
		names = append(names, "scrypt")
	}
	return names
}

func (c class) path() string { return "django.contrib.auth.hashers." + c.name }

// find returns the class of a dotted path of Django's or an algorithm's name.
func find(entry string) (class, bool) {
	i := slices.IndexFunc(classes, func(c class) bool { return entry == c.algorithm || entry == c.path() })
	if i < 0 {
		return class{}, false
	}
	return classes[i], true
}

// makesIn returns an error if the class cannot make new hashes in a version. Old hashes are
// checked in any version: a site may have kept the class.
func (c class) makesIn(v djversion.Version) error {
	switch {
	case v.Before(c.since):
		return fmt.Errorf("hashers: Django %s does not have %s, the first of PASSWORD_HASHERS: it was added in %s", v, c.algorithm, c.since)
	case c.until != djversion.Version{} && !v.Before(c.until):
		return fmt.Errorf("hashers: Django %s does not have %s, the first of PASSWORD_HASHERS: it was removed in %s", v, c.algorithm, c.until)
	}
	return nil
}
