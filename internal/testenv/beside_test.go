package testenv

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBesideIsReadFromWhatSetupWrote: a server that is there, one that was left out, and ones
// that are missing.
func TestBesideIsReadFromWhatSetupWrote(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "servers")
	text := "there " + dir + "\nout left out: the mirror did not answer\ngone " + dir + "/gone\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := besideIn(file, "there"); got != dir || err != nil {
		t.Errorf("there: %q, %v", got, err)
	}
	for name, c := range map[string]struct {
		text    string
		leftOut bool
	}{
		"out":    {"out: the mirror did not answer", true},
		"gone":   {"run tools/setup again", false},
		"absent": {"tools/setup fetches it", false},
	} {
		_, err := besideIn(file, name)
		if !errors.Is(err, ErrMissing) || errors.Is(err, errLeftOut) != c.leftOut || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestServerThatWasLeftOut: its tests are skipped with the reason, and fail only in `make
// matrix` without REQUIRE=servers.
func TestServerThatWasLeftOut(t *testing.T) {
	file := filepath.Join(t.TempDir(), "servers")
	if err := os.WriteFile(file, []byte("mysql left out: there is no apt-get\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, leftOut := besideIn(file, "mysql")
	for _, c := range []struct {
		required, matrix string
		fails            bool
	}{
		{"", "", false}, {"servers", "", false}, {"all", "", false}, {"servers", "full", false}, {"all", "full", true},
	} {
		t.Setenv(RequireVariable, c.required)
		t.Setenv(MatrixVariable, c.matrix)
		w := watch(func(t testing.TB) { serve(t, nil, leftOut) })
		if said := w.skipped + w.failed; (w.failed != "") != c.fails || !strings.Contains(said, "there is no apt-get") {
			t.Errorf("%+v: skipped %q, failed %q", c, w.skipped, w.failed)
		}
	}
}
