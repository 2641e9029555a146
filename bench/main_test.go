package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/djsession/djsession/bench/smoke"
)

// TestQuickRun: the suite that needs no server runs, and its results are written.
func TestQuickRun(t *testing.T) {
	smoke.Django(t)
	dir := t.TempDir()
	page := filepath.Join(dir, "benchmarks.md")
	if err := os.WriteFile(page, []byte("<!-- benchmarks -->\n<!-- /benchmarks -->\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := run(t.Context(), []string{"-quick", "-suite", "codec", "-write", "-docs", dir}, &out); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{"decode, verify, user id: login", "encode after one change: cart of 2,000 lines", "random sessions", "anonymous request"} {
		if !strings.Contains(out.String(), row) || !strings.Contains(string(text), row) {
			t.Errorf("there is no row %q in\n%s", row, out.String())
		}
	}
}

func TestUnknownSuite(t *testing.T) {
	err := run(t.Context(), []string{"-suite", "codec,other"}, new(strings.Builder))
	if err == nil || !strings.Contains(err.Error(), `no suite "other"`) {
		t.Errorf("%v", err)
	}
}
