package usertable_test

import (
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
)

// TestFixtureDatabases reads and writes the databases that each Django migrated and
// filled.
func TestFixtureDatabases(t *testing.T) {
	for _, version := range fixtures.Versions() {
		t.Run(version, func(t *testing.T) {
			users := open(t, connect(t, testenv.Filled(t, version)))
			login := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
			for _, want := range []auth.User{
				{ID: "1", Username: "ann", IsActive: true, LastLogin: login, Email: "ann@example.com"},
				{ID: "2", Username: "ben", IsActive: true, LastLogin: login},
				{ID: "3", Username: "cyd", LastLogin: login},
			} {
				got, err := users.ByUsername(t.Context(), want.Username)
				if err != nil {
					t.Fatal(err)
				}
				if hashed := strings.HasPrefix(got.Password, "pbkdf2_sha256$"); hashed != (want.Username != "ben") {
					t.Errorf("%s: a hash of %d characters", want.Username, len(got.Password))
				}
				want.Password = got.Password
				same(t, got, want)
				same(t, byID(t, users, want.ID), want)
				if all, err := users.Permissions(t.Context(), want.ID); len(all) > 0 || err != nil {
					t.Errorf("Permissions: %q, %v", all, err)
				}
				if done, err := users.SetPassword(t.Context(), want.ID, got.Password, "!"); !done || err != nil {
					t.Errorf("SetPassword: %t, %v", done, err)
				}
				if err := users.SetLastLogin(t.Context(), want.ID, login.Add(time.Hour)); err != nil {
					t.Error(err)
				}
				want.Password, want.LastLogin = "!", login.Add(time.Hour)
				same(t, byID(t, users, want.ID), want)
			}
		})
	}
}
