package hashers

import (
	"fmt"
	"strings"
	"testing"
)

func TestLogsOnceWithoutTheHash(t *testing.T) {
	logger, text := logged()
	o := preferring("pbkdf2_sha256", "")
	o.PasswordHashers, o.Logger = []string{"pbkdf2_sha256", "pbkdf2_sha1", "argon2", "bcrypt_sha256", "bcrypt", "scrypt"}, logger
	h := mustNew(t, o)
	const secret = "SECRETSECRETSECRETSECR"
	for range 3 {
		for _, encoded := range []string{
			"", "!", "!" + secret, // nothing to wonder about
			secret, "crypt$$" + secret, "rot13$" + secret + "$", secret + "$" + secret,
			"md5$" + secret + "$" + secret, "pbkdf2_sha256$" + secret, "pbkdf2_sha256$x$" + secret + "$" + secret,
			"pbkdf2_sha256$999999999$" + secret + "$" + secret, "argon2$argon2d$v=19$m=16,t=1,p=1$" + secret + "$" + secret,
			"argon2$argon2id$v=16$m=16,t=1,p=1$" + secret + "$" + secret, "argon2$argon2id$v=19$m=9999999,t=1,p=1$" + secret + "$" + secret,
			"scrypt$17$" + secret + "$1$1$" + secret, "bcrypt$$2b$31$" + secret[:21] + bcryptDigits[21:],
			"argon2$" + strings.Repeat(secret, 100),
		} {
			if check(t, h, testPassword, encoded).OK {
				t.Errorf("%s matches", encoded)
			}
		}
	}
	if strings.Contains(text.String(), secret[:4]) || strings.Contains(text.String(), testPassword) {
		t.Errorf("the log holds a hash or a password:\n%s", text)
	}
	var got []string
	for line := range strings.Lines(text.String()) {
		_, after, _ := strings.Cut(line, "algorithm=")
		algorithm, reason, _ := strings.Cut(strings.TrimSpace(after), " ")
		got = append(got, algorithm+": "+strings.Trim(strings.TrimPrefix(reason, "reason="), `"`))
	}
	want := []string{
		"unknown: " + errNotConfigured.Error(), "crypt: " + errNotConfigured.Error(), "md5: " + errNotConfigured.Error(),
		"pbkdf2_sha256: " + errDamaged.Error(), "pbkdf2_sha256: " + errBeyondBounds.Error(),
		"argon2: " + errArgon2Variety.Error(), "argon2: " + errArgon2Version.Error(), "argon2: " + errBeyondBounds.Error(),
		"scrypt: " + errScryptRefused.Error(), "bcrypt: " + errBeyondBounds.Error(), "argon2: " + errTooLong.Error(),
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("logged\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Hashes of the first argon2-cffi, version 16, do not name their version.
func TestLogsTheOldVersionOfArgon2(t *testing.T) {
	logger, text := logged()
	o := preferring("argon2", "")
	o.Logger = logger
	if check(t, mustNew(t, o), testPassword, "argon2$argon2i$m=512,t=2,p=2$c29tZXNhbHQ$SqlVijFGiPG+935vDSGEsA").OK {
		t.Error("it matches")
	}
	if !strings.Contains(text.String(), errArgon2Version.Error()) {
		t.Errorf("logged %s", text)
	}
}
