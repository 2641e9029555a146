package testenv

import (
	"errors"
	"os"
	"testing"
)

// RequireVariable is the environment variable that says what must not be skipped:
// "servers", "all", or nothing.
const RequireVariable = "DJSESSION_REQUIRE"

// MatrixVariable is the environment variable that is "full" in `make matrix`: every check runs
// with every Django on every database.
const MatrixVariable = "DJSESSION_MATRIX"

// MatrixOnly skips a test that takes long, unless this is `make matrix`.
func MatrixOnly(t testing.TB) {
	t.Helper()
	if os.Getenv(MatrixVariable) != "full" {
		t.Skipf("it takes long: set %s=full", MatrixVariable)
	}
}

// ErrMissing is wrapped by every error that reports that this machine lacks a program or a
// Django, rather than that it failed.
var ErrMissing = errors.New("missing on this machine")

// missing skips or fails the test, depending on what is required.
func missing(t testing.TB, required bool, reason string) {
	t.Helper()
	if required {
		t.Fatalf("%s (%s=%s)", reason, RequireVariable, os.Getenv(RequireVariable))
	}
	t.Skip(reason)
}

// failOrSkip ends a test that could not start its server. A server that tools/setup has left
// out, with the reason, is required only of `make matrix`.
func failOrSkip(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, errLeftOut) {
		missing(t, everythingRequired() && os.Getenv(MatrixVariable) == "full", err.Error())
	}
	if errors.Is(err, ErrMissing) {
		missing(t, serversRequired(), err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// serversRequired reports whether a test may not go without a server, or without any
// Django at all.
func serversRequired() bool {
	switch os.Getenv(RequireVariable) {
	case "servers", "all":
		return true
	}
	return false
}

// everythingRequired reports whether a test may not go without a single Django.
func everythingRequired() bool {
	return os.Getenv(RequireVariable) == "all"
}
