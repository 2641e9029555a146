package djangotest_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/djangotest"
	"github.com/djsession/djsession/internal/managepy"
	"github.com/djsession/djsession/internal/testenv"
)

// python chooses a Django of this repository, whose absence counts as it does there.
func python(t *testing.T) djangotest.Option {
	t.Helper()
	return djangotest.WithPython(testenv.NewestDjango(t).Executable(t))
}

func TestSite(t *testing.T) {
	site := djangotest.Site(t, python(t))
	if again := djangotest.Site(t, python(t)); again != site {
		t.Error("the same options start another site")
	}
	if _, err := os.Stat(filepath.Join(site.Dir, "db.sqlite3")); err != nil {
		t.Error(err)
	}
	key := site.CreateSession(t, map[string]any{"cart": map[string]int{"tea": 2}, "_session_expiry": 0})
	if c := site.Cookie(key); c.Name != "sessionid" || c.Value != key {
		t.Error("the cookie is another one")
	}
	if s := site.Session(t, key); !s.Found || s.Corrupted || s.Values.Len() != 2 || len(s.Others) != 0 ||
		s.ExpiryAge != 14*24*time.Hour || !s.ExpireAtBrowserClose {
		t.Errorf("%+v", s)
	}
	site.RequireDjangoSees(t, key, "cart", map[string]int{"tea": 2})
	site.Set(t, key, "cart", nil)
	site.RequireDjangoSees(t, key, "cart", nil)
	site.RequireDjangoSees(t, key, "other", djangotest.Absent)
	site.DeleteSession(t, key)
	if site.Session(t, key).Found {
		t.Error("a deleted session is there")
	}

	site.NewUser(t, "ben", "secret", map[string]any{"first_name": "Ben"})
	for _, name := range []string{"ann", "ben"} {
		key := site.Login(t, name)
		if got := site.User(t, key); got != name {
			t.Errorf("%q, want %q", got, name)
		}
		if name == "ann" {
			site.Logout(t, key)
		} else {
			site.SetPassword(t, "ben", "new")
			if site.User(t, key) != "" {
				t.Error("ben is logged in by an old password")
			}
		}
		if site.Session(t, key).Found {
			t.Errorf("the session of %s is there", name)
		}
	}
}

// TestSiteIsItsOwn: this process's DJANGO_SETTINGS_MODULE, of another project, does not count.
func TestSiteIsItsOwn(t *testing.T) {
	t.Setenv("DJANGO_SETTINGS_MODULE", "another.settings")
	site := djangotest.Site(t, python(t), djangotest.WithSettings("SESSION_COOKIE_NAME = 'own'"))
	if got := site.Settings(t).SessionCookieName; got != "own" || site.Cookie("").Name != "own" {
		t.Error(got)
	}
}

// TestInstall: what pip cannot install is a Python that is missing, and leaves nothing behind.
func TestInstall(t *testing.T) {
	t.Setenv("PATH", filepath.Dir(testenv.NewestDjango(t).Executable(t)))
	t.Setenv("PIP_NO_INDEX", "1")
	dir := t.TempDir()
	_, err := djangotest.InstallDjango(t.Context(), dir)
	if !errors.Is(err, managepy.ErrNoPython) || !strings.Contains(err.Error(), "pip") {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "venv")); !os.IsNotExist(err) {
		t.Error(err)
	}
}

// TestManage: another process of the same project shares its sessions, and a wrong key shows.
func TestManage(t *testing.T) {
	site := djangotest.Site(t, python(t), djangotest.WithSettings("import os", `SECRET_KEY = os.environ.get("KEY_FOR_TEST", "a")`))
	manage := filepath.Join(site.Dir, "manage.py")
	other := djangotest.Manage(t, manage, python(t))
	if other == site || other != djangotest.Manage(t, manage, python(t)) {
		t.Error("a project has not one process for its options")
	}
	key := other.Login(t, "ann")
	if site.User(t, key) != "ann" {
		t.Error("ann is not logged in")
	}
	wrong := djangotest.Manage(t, manage, python(t), djangotest.WithEnv("KEY_FOR_TEST=b"))
	if got := wrong.Compare(t, key, "_auth_user_id", "1"); !strings.Contains(got, "SECRET_KEY") || strings.Contains(got, key) {
		t.Error(got)
	}
}

// TestFailureText: a failure names each difference, with the types.
func TestFailureText(t *testing.T) {
	site := djangotest.Site(t, python(t))
	key := site.CreateSession(t, map[string]any{
		"n": 1.0, "none": nil, "s": "café \"x\"", "long": strings.Repeat("x", 500),
		"cart": map[string]any{"tea": 1, "milk": []int{1, 2}},
	})
	for _, test := range []struct {
		name string
		want any
		text string
	}{
		{"n", 1.0, ""},
		{"n", 1, `session["n"]: float 1.0, want int 1`},
		{"n", true, `session["n"]: float 1.0, want bool true`},
		{"none", "", `session["none"]: None, want str ""`},
		{"nosuch", nil, `session["nosuch"]: nothing, want None`},
		{"none", djangotest.Absent, `session["none"]: None, want nothing`},
		{"s", `café "x"`, ""},
		{"s", "cafe", `session["s"]: str "caf\u00e9 \"x\"", want str "cafe"`},
		{"cart", map[string]any{"milk": []int{1, 2}, "tea": 1}, ""},
		{"cart", map[string]any{"milk": []any{1, "2", nil}, "tea": 1}, "session[\"cart\"][\"milk\"][1]: int 2, want str \"2\"\n  session[\"cart\"][\"milk\"][2]: nothing, want None"},
		{"cart", []int{}, `session["cart"]: a dict of 2, want a list of 0`},
		{"long", strings.Repeat("x", 501), `…", want str "xxx`},
	} {
		got := site.Compare(t, key, test.name, test.want)
		if _, got, _ = strings.Cut(got, "value:\n  "); test.text == "" && got != "" || !strings.Contains(got, test.text) || len(got) > 300 {
			t.Errorf("%s, %v: %q, want %q", test.name, test.want, got, test.text)
		}
	}
	many := make([]int, 30)
	if got := site.Compare(t, site.CreateSession(t, map[string]any{"l": []int{}}), "l", many); !strings.HasSuffix(got, "\n  and 20 more") {
		t.Error(got)
	}
	site.DeleteSession(t, key)
	if got := site.Compare(t, key, "n", 1); !strings.Contains(got, "finds no such session by "+site.Engine) || strings.Contains(got, key) {
		t.Error(got)
	}
}

// verdict is a testing.TB that notes how a test ends.
type verdict struct {
	testing.TB
	text string
}

func (v *verdict) Helper() {}
func (v *verdict) Skipf(format string, args ...any) {
	v.text = "skip: " + fmt.Sprintf(format, args...)
	runtime.Goexit()
}
func (v *verdict) Fatalf(format string, args ...any) {
	v.text = "fail: " + fmt.Sprintf(format, args...)
	runtime.Goexit()
}
func (v *verdict) Fatal(args ...any) { v.Fatalf("%s", fmt.Sprint(args...)) }

func ends(t *testing.T, f func(t testing.TB)) string {
	v := &verdict{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(v)
	}()
	<-done
	return v.text
}

// TestWithoutPython: the reason for a skip names what is missing, unless it must be there.
func TestWithoutPython(t *testing.T) {
	dir := t.TempDir()
	manage := filepath.Join(dir, "manage.py")
	if err := os.WriteFile(manage, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{djangotest.PythonVariable, djangotest.RequireVariable, "VIRTUAL_ENV"} {
		t.Setenv(name, "")
	}
	t.Setenv("PATH", dir)
	open := func(opts ...djangotest.Option) string {
		return ends(t, func(t testing.TB) { djangotest.Manage(t, manage, opts...) })
	}
	if got := open(); !strings.HasPrefix(got, "skip: ") || !strings.Contains(got, "no Python in which Django can be imported") || !strings.Contains(got, "python3: does not exist") {
		t.Error(got)
	}
	if got := open(djangotest.Required()); !strings.HasPrefix(got, "fail: djangotest: required, and missing") {
		t.Error(got)
	}
	t.Setenv(djangotest.RequireVariable, "1")
	if got := open(); !strings.HasPrefix(got, "fail: ") {
		t.Error(got)
	}
	if got := open(djangotest.WithSettings("A = 1")); !strings.HasPrefix(got, "fail: djangotest: WithSettings and WithApp are for Site") {
		t.Error(got)
	}
	if _, err := djangotest.InstallDjango(t.Context(), filepath.Join(dir, "cache")); err == nil || !strings.Contains(err.Error(), "neither python3 nor python on PATH") {
		t.Error(err)
	}
}

// TestSiteGoes: a site's directory goes with the test binary that made it.
func TestSiteGoes(t *testing.T) {
	const variable = "DJANGOTEST_SITE_GOES"
	if os.Getenv(variable) != "" {
		fmt.Println("site: " + djangotest.Site(t, python(t)).Dir)
		return
	}
	python(t) // skips
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSiteGoes$")
	cmd.Env = append(os.Environ(), variable+"=1")
	out, err := cmd.CombinedOutput()
	_, dir, found := strings.Cut(string(out), "site: ")
	dir, _, _ = strings.Cut(dir, "\n")
	if err != nil || !found {
		t.Fatalf("%v\n%s", err, out)
	}
	requireGone(t, dir)
}
