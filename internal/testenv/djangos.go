package testenv

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// DjangosVariable is the environment variable with the path of the file that lists the
// Djangos that tools/setup has set up. The default is .cache/djangos.json in the module.
const DjangosVariable = "DJSESSION_DJANGOS"

// Django is one pinned Django, and the virtual environment it lives in.
type Django struct {
	Name          string            `json:"name"`           // the series: "4.2"
	Version       string            `json:"version"`        // "4.2.28"
	Python        string            `json:"python"`         // path of the environment's Python
	PythonVersion string            `json:"python_version"` // "3.10.13"
	SQLite        string            `json:"sqlite"`         // version of Python's SQLite
	Drivers       map[string]string `json:"drivers"`        // versions by name: mysqlclient, psycopg or psycopg2
	Tests         string            `json:"tests"`          // path of the folder tests/ of its source, or ""
	Missing       string            `json:"missing"`        // why it is not set up, or ""
}

// String returns, for instance, "Django 4.2".
func (d Django) String() string { return "Django " + d.Name }

// AtLeast reports whether the Django is of the given series or a later one.
func (d Django) AtLeast(major, minor int) bool {
	var ownMajor, ownMinor int
	if _, err := fmt.Sscanf(d.Name, "%d.%d", &ownMajor, &ownMinor); err != nil {
		return false
	}
	return ownMajor > major || ownMajor == major && ownMinor >= minor
}

// Djangos returns all pinned Djangos, oldest first. Some may be missing on this machine: a
// test that starts one of these is skipped. If none can run, the test is skipped now.
func Djangos(t testing.TB) []Django {
	t.Helper()
	djangos, err := ReadDjangos()
	if err != nil {
		missing(t, serversRequired(), err.Error())
	}
	reasons := make([]string, 0, len(djangos))
	for _, d := range djangos {
		if d.Missing == "" {
			return djangos
		}
		reasons = append(reasons, d.absence().Error())
	}
	missing(t, serversRequired(), "no Django can run here: "+strings.Join(reasons, "; "))
	return nil
}

// NewestDjango returns the newest Django that can run here, or skips the test.
func NewestDjango(t testing.TB) Django {
	t.Helper()
	var newest Django
	for _, d := range Djangos(t) {
		if d.Missing == "" {
			newest = d
		}
	}
	return newest
}

// ReadDjangos returns all pinned Djangos, oldest first. If tools/setup has not run, or has
// run for other pins, the error is ErrMissing.
func ReadDjangos() ([]Django, error) {
	root, err := ModuleRoot()
	if err != nil {
		return nil, err
	}
	path := os.Getenv(DjangosVariable)
	if path == "" {
		path = filepath.Join(root, ".cache", "djangos.json")
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: Django (tools/setup sets it up)", ErrMissing)
	}
	if err != nil {
		return nil, err
	}
	var state struct {
		Pins    string   `json:"pins"`
		Djangos []Django `json:"djangos"`
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	pins, err := os.ReadFile(filepath.Join(root, "compat_test", "djangos.json"))
	if err != nil {
		return nil, err
	}
	if digest := sha256.Sum256(pins); state.Pins != hex.EncodeToString(digest[:]) {
		return nil, fmt.Errorf("%w: the Djangos now pinned (run tools/setup again)", ErrMissing)
	}
	for i, d := range state.Djangos {
		if d.Missing != "" {
			continue
		}
		if _, err := os.Stat(d.Python); err != nil {
			state.Djangos[i].Missing = "its virtual environment has gone (run tools/setup again)"
		}
	}
	return state.Djangos, nil
}

// Executable returns the path of the Django's Python, or skips the test if that
// Django is missing.
func (d Django) Executable(t testing.TB) string {
	t.Helper()
	if d.Missing != "" {
		missing(t, everythingRequired(), d.absence().Error())
	}
	return d.Python
}

// OwnTests returns the path of the folder tests/ of the Django's source, or skips the test
// if that Django is missing.
func (d Django) OwnTests(t testing.TB) string {
	t.Helper()
	d.Executable(t)
	if _, err := os.Stat(d.Tests); err != nil {
		missing(t, serversRequired(), fmt.Sprintf("%v: the tests of %s (pin source_sha256 in compat_test/djangos.json and run tools/setup)", ErrMissing, d))
	}
	return d.Tests
}

func (d Django) absence() error {
	return fmt.Errorf("%w: %s: %s", ErrMissing, d, d.Missing)
}

// ModuleRoot finds the directory of the library's go.mod, from a directory in it or in a
// module below it; tests run in their package's directory.
func ModuleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if line, _, _ := strings.Cut(string(text), "\n"); err == nil && strings.TrimSpace(line) == "module github.com/djsession/djsession" {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod of djsession in this directory or one above it")
		}
		dir = parent
	}
}
