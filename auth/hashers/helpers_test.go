package hashers

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
)

const testPassword = "correct horse battery staple"

// bcryptDigits are a salt and a digest of bcrypt.
const bcryptDigits = "fixturesfixturesfixtuu" + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// cheap are parameters for every algorithm that has some, at next to no cost.
func cheap() map[string]Parameters {
	return map[string]Parameters{
		"pbkdf2_sha256": PBKDF2SHA256{Iterations: 10},
		"pbkdf2_sha1":   PBKDF2SHA1{Iterations: 10},
		"argon2":        Argon2{TimeCost: 1, MemoryCost: 16, Parallelism: 1},
		"bcrypt_sha256": BCryptSHA256{Rounds: 4},
		"bcrypt":        BCrypt{Rounds: 4},
		"scrypt":        Scrypt{WorkFactor: 2, BlockSize: 1, Parallelism: 1},
	}
}

// preferring is Options with every algorithm of a version configured, one of them first,
// at next to no cost.
func preferring(algorithm, version string) Options {
	return Options{DjangoVersion: version, PasswordHashers: append([]string{algorithm}, All()...), Parameters: cheap(), Logger: slog.New(slog.DiscardHandler)}
}

func mustNew(t testing.TB, o Options) *Hashers {
	t.Helper()
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func mustMake(t testing.TB, h *Hashers, password string) string {
	t.Helper()
	encoded, err := h.Make(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func check(t testing.TB, h *Hashers, password, encoded string) Result {
	t.Helper()
	result, err := h.Check(t.Context(), password, encoded)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// spend checks the password of a user who does not exist.
func spend(ctx context.Context, h *Hashers, password string) error {
	_, err := h.Check(ctx, password, "")
	return err
}

// logged returns a logger and what it wrote.
func logged() (*slog.Logger, *bytes.Buffer) {
	var text bytes.Buffer
	return slog.New(slog.NewTextHandler(&text, nil)), &text
}
