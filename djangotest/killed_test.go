package djangotest_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/djangotest"
)

// TestKilledSite: a site whose Python is killed leaves nothing behind, the test that uses it
// fails, and the next one gets another site.
func TestKilledSite(t *testing.T) {
	open := func() *djangotest.Project {
		return djangotest.Site(t, python(t), djangotest.WithSettings("import os", `(BASE_DIR / "pid").write_text(str(os.getpid()))`))
	}
	site := open()
	key := site.Login(t, "ann")
	text, err := os.ReadFile(filepath.Join(site.Dir, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil {
		t.Fatal(err)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	got := ends(t, func(t testing.TB) { site.User(t, key) })
	if !strings.HasPrefix(got, "fail: ") || !strings.Contains(got, "Python process has ended") || strings.Contains(got, key) {
		t.Error(got)
	}
	requireGone(t, site.Dir)
	again := open()
	if again.Dir == site.Dir || again.User(t, again.Login(t, "ann")) != "ann" {
		t.Error("there is no other site")
	}
}

// requireGone waits until a directory is not there.
func requireGone(t *testing.T, dir string) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is still there", dir)
		}
	}
}
