package testenv

import (
	"crypto/md5"
	"encoding/hex"
	"os"
	"testing"

	"github.com/djsession/djsession/fixtures"
)

// Filled returns a SQLite database that a real Django of this version migrated and filled,
// one of the fixtures', in a file that is removed after the test.
func Filled(t testing.TB, version string) *Database {
	t.Helper()
	content, err := fixtures.Database(version)
	if err != nil {
		t.Fatal(err)
	}
	d := SQLite(t)
	if err := os.WriteFile(d.Name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return d
}

// MD5Hash returns the hash of a password by Django's MD5PasswordHasher, the cheapest
// hasher.
func MD5Hash(password string) string {
	sum := md5.Sum([]byte("salt" + password))
	return "md5$salt$" + hex.EncodeToString(sum[:])
}
