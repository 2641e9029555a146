package tools

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// needs skips a test of a script where the programs that run it are missing.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("needs %s, which this machine lacks", program)
		}
	}
}

// TestStepsAllRun: every step runs, and those that failed are named at the end, then their tests.
func TestStepsAllRun(t *testing.T) {
	needs(t, "bash", "go")
	fake := filepath.Join(t.TempDir(), "make")
	if err := os.WriteFile(fake, []byte(`#!/bin/sh
echo "ran $2"
[ "$2" != b ] || { printf -- '--- FAIL: TestB (0.00s)\n    b_test.go:1: why\nFAIL\tx/b\t0.1s\n'; exit 1; }
`), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		steps []string
		fails bool
	}{
		{[]string{"a", "b", "c"}, true},
		{[]string{"b"}, true},
		{[]string{"a", "c"}, false},
	} {
		cmd := exec.CommandContext(t.Context(), "./steps", tt.steps...)
		cmd.Env = append(os.Environ(), "MAKE="+fake)
		out, err := cmd.CombinedOutput()
		if (err != nil) != tt.fails || strings.Contains(string(out), "FAILED: b\n") != tt.fails {
			t.Errorf("%v: %v\n%s", tt.steps, err, out)
		}
		if failed := "FAILED: b\n--- FAIL: TestB\n    b_test.go:1: why\nFAIL\tx/b\t0.1s\n"; strings.HasSuffix(string(out), failed) != tt.fails {
			t.Errorf("%v does not end with what failed:\n%s", tt.steps, out)
		}
		for _, step := range tt.steps {
			if !strings.Contains(string(out), "ran "+step+"\n") {
				t.Errorf("%v: %s did not run\n%s", tt.steps, step, out)
			}
		}
	}
}
