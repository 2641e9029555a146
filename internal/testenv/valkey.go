package testenv

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// ValkeySuites are the suites of Debian that have a Valkey: 8.1 in trixie, 9.1 or newer in sid.
var ValkeySuites = []string{"trixie", "sid"}

// WithValkey has a Redis server run the Valkey of a suite of Debian instead of the Redis of this
// system. It is fetched if it is not there yet, and not installed.
func WithValkey(suite string) Option { return func(o *options) { o.valkey = suite } }

// Valkey is [WithValkey] for one test, which is skipped if that Valkey cannot be had on this
// machine: its log has the reason.
func Valkey(t testing.TB, suite string) Option {
	t.Helper()
	if _, err := valkey(t.Context(), suite); errors.Is(err, errLeftOut) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	return WithValkey(suite)
}

// errLeftOut: a server cannot be had on this machine.
var errLeftOut = errors.New("left out")

// valkey returns the words that start the Valkey of a suite: its own C library's loader first.
func valkey(ctx context.Context, suite string) ([]string, error) {
	root, err := ModuleRoot()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(root, ".cache", "beside", "valkey-"+suite)
	out, err := exec.CommandContext(ctx, filepath.Join(root, "tools", "beside"), "debian", suite, "valkey-server", dir).Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 3 {
		return nil, fmt.Errorf("%w: Valkey of Debian's %s: %s", errLeftOut, suite, strings.TrimSpace(string(out)))
	} else if ok {
		return nil, fmt.Errorf("fetching Valkey: %w: %s", err, exit.Stderr)
	} else if err != nil {
		return nil, fmt.Errorf("fetching Valkey: %w", err)
	}
	usr := filepath.Join(dir, "usr")
	return []string{filepath.Join(usr, "lib64", "ld-linux-x86-64.so.2"), "--library-path",
		filepath.Join(usr, "lib", "x86_64-linux-gnu") + ":" + filepath.Join(usr, "lib"), filepath.Join(usr, "bin", "valkey-server")}, nil
}
