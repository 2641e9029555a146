package testenv

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// InsteadVariable is the environment variable with the names of servers, separated by spaces,
// that run instead of the system's: "mysql postgresql-18". See [Beside].
const InsteadVariable = "DJSESSION_INSTEAD"

// errLeftOut is wrapped by the error about a server that tools/setup has left out.
var errLeftOut = fmt.Errorf("%w: left out by tools/setup", ErrMissing)

// Beside starts a server that tools/setup has fetched to run beside the system, by its name in
// tools/setup: "mysql", "mariadb-11" or "postgresql-18".
func Beside(name string) Option { return func(o *options) { o.beside = name } }

// besideOr returns the name that Beside gave, or that of the server in InsteadVariable that begins
// with one of the prefixes, or "" for the system's server.
func (o options) besideOr(prefixes ...string) string {
	if o.beside != "" {
		return o.beside
	}
	for name := range strings.FieldsSeq(os.Getenv(InsteadVariable)) {
		for _, prefix := range prefixes {
			if strings.HasPrefix(name, prefix) {
				return name
			}
		}
	}
	return ""
}

// Instead reports whether a server is in [InsteadVariable]: for tests of what it does not have.
func Instead(name string) bool {
	return slices.Contains(strings.Fields(os.Getenv(InsteadVariable)), name)
}

// LeftOut returns why tools/setup has left out a server that would run beside the system, or "".
func LeftOut(name string) string {
	_, err := besideDir(name)
	if !errors.Is(err, errLeftOut) {
		return ""
	}
	_, reason, _ := strings.Cut(err.Error(), name+": ")
	return "left out: " + reason
}

// besideDir returns the directory in which tools/setup has unpacked a server.
func besideDir(name string) (string, error) {
	root, err := ModuleRoot()
	if err != nil {
		return "", err
	}
	return besideIn(filepath.Join(root, ".cache", "servers"), name)
}

// besideIn is besideDir of what tools/setup has written to a file: in each line the name of a
// server, and its directory or why it was left out.
func besideIn(file, name string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		found, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
		if found != name {
			continue
		}
		if reason, ok := strings.CutPrefix(dir, "left out: "); ok {
			return "", fmt.Errorf("%w: %s: %s", errLeftOut, name, reason)
		}
		if _, err := os.Stat(dir); err != nil {
			return "", fmt.Errorf("%w: %s: its directory has gone (run tools/setup again)", ErrMissing, name)
		}
		return dir, nil
	}
	return "", fmt.Errorf("%w: %s (tools/setup fetches it for `make test`, others for `make matrix`)", ErrMissing, name)
}

// debianProgram returns the words that start a program of another Debian suite, unpacked in dir,
// which needs that suite's C library.
func debianProgram(dir, path string) []string {
	usr := filepath.Join(dir, "usr")
	return []string{
		filepath.Join(usr, "lib64", "ld-linux-x86-64.so.2"), "--library-path",
		filepath.Join(usr, "lib", "x86_64-linux-gnu") + ":" + filepath.Join(usr, "lib"), filepath.Join(dir, path),
	}
}
