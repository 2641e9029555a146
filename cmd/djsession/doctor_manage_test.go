package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// siteKey has what shells and .env files stumble over.
const siteKey = `dj$ang0-insecure-#a"b'c\d$HOME%20-of-the-site`

// djangoProject is a Django project with SQLite.
type djangoProject struct {
	manage, python, settings string
}

const managePy = `import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
`

const settingsPy = `import os
SECRET_KEY = %q
USE_TZ = True
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "db.sqlite3")}}
`

// newProject makes a project with a database that the same Django migrated and that has no
// sessions. Its settings end with these lines.
func newProject(t *testing.T, d testenv.Django, lines ...string) djangoProject {
	t.Helper()
	dir := t.TempDir()
	filled := testenv.Filled(t, d.Name)
	if _, err := filled.Connect(t).Exec("DELETE FROM django_session"); err != nil {
		t.Fatal(err)
	}
	database, err := os.ReadFile(filled.Name)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"manage.py": managePy, "shop/__init__.py": "", "shop/settings.py": fmt.Sprintf(settingsPy, siteKey), "db.sqlite3": string(database),
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := djangoProject{filepath.Join(dir, "manage.py"), d.Executable(t), filepath.Join(dir, "shop", "settings.py")}
	p.add(t, lines...)
	return p
}

func (p djangoProject) add(t *testing.T, lines ...string) {
	t.Helper()
	f, err := os.OpenFile(p.settings, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("\n" + strings.Join(lines, "\n") + "\n"); err != nil {
		t.Fatal(err)
	}
}

// copy copies the project.
func (p djangoProject) copy(t *testing.T) djangoProject {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Dir(p.manage))); err != nil {
		t.Fatal(err)
	}
	return djangoProject{filepath.Join(dir, "manage.py"), p.python, filepath.Join(dir, "shop", "settings.py")}
}

// database returns the URL of the project's database.
func (p djangoProject) database() string {
	return "sqlite:///" + filepath.Join(filepath.Dir(p.manage), "db.sqlite3")
}

func (p djangoProject) args() []string { return []string{"--manage", p.manage, "--python", p.python} }

// TestDoctorOnEveryDjango: with its own settings, each Django and this command read each other's
// sessions, and none is left. Unless DJSESSION_MATRIX is full, these are the oldest, the newest
// and one between; internal/managepy starts every Django. Every other one has an engine of python/.
func TestDoctorOnEveryDjango(t *testing.T) {
	djangos := testenv.Djangos(t)
	if n := len(djangos); os.Getenv("DJSESSION_MATRIX") != "full" && n > 3 {
		djangos = []testenv.Django{djangos[0], djangos[n/2], djangos[n-1]}
	}
	for i, d := range djangos {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t, d)
			c := &cli{t: t, env: map[string]string{}}
			if i%2 == 1 {
				python, err := filepath.Abs("../../python")
				if err != nil {
					t.Fatal(err)
				}
				p.add(t, fmt.Sprintf("import sys; sys.dont_write_bytecode = True; sys.path.append(%q); INSTALLED_APPS.append('djsession'); SESSION_ENGINE = 'djsession.db'", python))
				c = c.with("DJANGO_SESSION_ENGINE", "djsession.db")
			}
			r := diagnose(t, c, p.args()...)
			if got := strings.Join(r.problems(), " "); got != "" {
				t.Errorf("diagnosed %q\n%s", got, r.text())
			}
			if last := r.Checks[len(r.Checks)-1]; last.Check != "round-trip" || last.Status != markOK {
				t.Errorf("%+v", last)
			}
			seen := c.with("DATABASE_URL", p.database()).with("DJANGO_SECRET_KEY", siteKey).with("DJANGO_USE_TZ", "True")
			if out := seen.ok("clearsessions", "--dry-run") + seen.run("list").stderr; !strings.Contains(out, " 0 sessions") || !strings.HasPrefix(out, "0\n") {
				t.Errorf("sessions are left: %s", out)
			}
		})
	}
}

// TestDoctorWithManage compares settings with those of a site.
func TestDoctorWithManage(t *testing.T) {
	d := testenv.NewestDjango(t)
	p := newProject(t, d)
	none := &cli{t: t, env: map[string]string{}}
	own := none.with("DATABASE_URL", p.database()).with("DJANGO_SECRET_KEY", siteKey).with("DJANGO_USE_TZ", "True").with("DJANGO_VERSION", d.Version)
	own.create(`{"a":1}`)
	stale := filepath.Join(t.TempDir(), "djsession.json")
	none.ok("settings", "--manage", p.manage, "--python", p.python, "--output", stale)
	content, err := os.ReadFile(stale)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(stale, []byte(strings.Replace(string(content), `"SESSION_COOKIE_AGE": 1209600`, `"SESSION_COOKIE_AGE": 60`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		want string
		c    *cli
		args []string
	}{
		"the site's settings":        {"", none, nil},
		"the same variables":         {"", own, nil},
		"read-only":                  {"", own, []string{"--read-only"}},
		"a shell took variables":     {"round-trip-unreadable secret-key-shell", own.with("DJANGO_SECRET_KEY", `dj-insecure-#a"b'c\d%20-of-the-site`), nil},
		"half a key":                 {"round-trip-unreadable secret-key-truncated secret-key-wrong", own.with("DJANGO_SECRET_KEY", siteKey[:30]), nil},
		"another key":                {"round-trip-unreadable secret-key-wrong", own.with("DJANGO_SECRET_KEY", "the secret key of another site"), nil},
		"the key as the fallback":    {"fallbacks-differ round-trip-unreadable secret-key-swapped", own.with("DJANGO_SECRET_KEY", "the secret key of another site").with("DJANGO_SECRET_KEY_FALLBACKS", siteKey), nil},
		"a stale file":               {"cookie-age-differs round-trip-not-found settings-file-stale", none, []string{"--settings", stale}},
		"another table":              {"table-columns table-differs", own, []string{"--table", "auth_user"}},
		"another engine":             {"engine-differs file-path-differs no-sessions round-trip-not-found", own.with("DJANGO_SESSION_FILE_PATH", t.TempDir()), []string{"--engine", "file"}},
		"another database":           {"database-differs no-sessions round-trip-not-found", own.with("DATABASE_URL", newSite(t).env["DATABASE_URL"]), nil},
		"another version":            {"django-version django-version-differs round-trip-unreadable", own.with("DJANGO_VERSION", "2.2"), nil},
		"other settings":             {"backends-differ cookie-name-differs", own.with("DJANGO_SESSION_COOKIE_NAME", "shop").with("DJANGO_AUTHENTICATION_BACKENDS", "shop.Backend"), nil},
		"another time zone":          {"round-trip-not-found time-zone times-differ", own.with("DJANGO_USE_TZ", "False").with("DJANGO_TIME_ZONE", "America/Chicago"), nil},
		"another store class":        {"format-differs round-trip-unreadable store-class", own.with("DJANGO_SESSION_STORE_CLASS", "ShopStore"), nil},
		"a host that Django refuses": {"allowed-hosts cookie-insecure", none, []string{"--django-url", "https://shop.example/", "--go-url", "https://shop.example/go/"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := p.copy(t) // before the others run
			t.Parallel()
			c := *test.c
			c.t = t
			if c.env["DATABASE_URL"] == own.env["DATABASE_URL"] {
				c = *c.with("DATABASE_URL", p.database())
			}
			r := diagnose(t, &c, append(p.args(), test.args...)...)
			if got := strings.Join(r.problems(), " "); got != test.want {
				t.Errorf("diagnosed %q, want %q\n%s", got, test.want, r.text())
			}
		})
	}
}

// TestDoctorOnRotatedSite: the site signs with a new key, and the service has the old one.
func TestDoctorOnRotatedSite(t *testing.T) {
	p := newProject(t, testenv.NewestDjango(t))
	own := (&cli{t: t, env: map[string]string{}}).with("DATABASE_URL", p.database()).with("DJANGO_SECRET_KEY", siteKey).with("DJANGO_USE_TZ", "True")
	own.create(`{"a":1}`)
	p.add(t, fmt.Sprintf("SECRET_KEY_FALLBACKS = [SECRET_KEY]\nSECRET_KEY = %q", "the new key of the site"))
	if r := diagnose(t, own, p.args()...); strings.Join(r.problems(), " ") != "round-trip-unreadable secret-key-old" {
		t.Errorf("%s", r.text())
	}
	newKey := own.with("DJANGO_SECRET_KEY", "the new key of the site").with("DJANGO_SECRET_KEY_FALLBACKS", "a key that nobody has")
	if r := diagnose(t, newKey, p.args()...); strings.Join(r.problems(), " ") != "fallbacks-differ fallbacks-missing" {
		t.Errorf("%s", r.text())
	}
}

// TestDoctorOnBrokenSites: Django's own error is shown, below what to do.
func TestDoctorOnBrokenSites(t *testing.T) {
	d := testenv.NewestDjango(t)
	c := &cli{t: t, env: map[string]string{}}
	p := newProject(t, d, `import no_such_module`)
	r := diagnose(t, c, p.args()...)
	if strings.Join(r.problems(), " ") != "site-does-not-start" || !strings.Contains(strings.Join(r.Checks[0].Detail, "\n"), "No module named 'no_such_module'") {
		t.Errorf("%+v", r.Checks[0])
	}
	p = newProject(t, d, `SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"`,
		`CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1"}}`)
	if r := diagnose(t, c, p.args()...); strings.Join(r.problems(), " ") != "cache-unreachable" {
		t.Errorf("%s", r.text())
	}
	p = newProject(t, d, `SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"`)
	if r := diagnose(t, c, p.args()...); strings.Join(r.problems(), " ") != "cache-local" {
		t.Errorf("%s", r.text())
	}
	p = newProject(t, d, fmt.Sprintf(`SECRET_KEY = %q +`, siteKey))
	run := c.run(append([]string{"doctor"}, p.args()...)...)
	if run.status != statusNegative || !strings.Contains(run.stdout, "SyntaxError") || strings.Contains(run.stdout, "insecure") {
		t.Errorf("%+v", run)
	}
	p = newProject(t, d, `SECRET_KEY = ""`)
	if r := diagnose(t, c, p.args()...); strings.Join(r.problems(), " ") != "site-settings" {
		t.Errorf("%s", r.text())
	}
	p = newProject(t, d, `MIDDLEWARE = []`)
	if r := diagnose(t, c, p.args()...); strings.Join(r.problems(), " ") != "not-carried-over" {
		t.Errorf("%s", r.text())
	}
}

// TestDoctorOnRedisSite: what a settings file does not hold is named.
func TestDoctorOnRedisSite(t *testing.T) {
	p := newProject(t, testenv.NewestDjango(t), `SESSION_ENGINE = "django.contrib.sessions.backends.cache"`,
		fmt.Sprintf(`CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": %q, "KEY_PREFIX": %q, "OPTIONS": {"IGNORE_EXCEPTIONS": True}}}`, servers.Redis(t).URL(0), testenv.NewKeyPrefix()))
	c := &cli{t: t, env: map[string]string{}}
	if r := diagnose(t, c, p.args()...); strings.Join(r.problems(), " ") != "ignore-exceptions redis-persistence" {
		t.Errorf("%s", r.text())
	}
}

// TestDoctorAsksForOrigins: the site's Django says itself which origin it takes a request for.
func TestDoctorAsksForOrigins(t *testing.T) {
	p := newProject(t, testenv.NewestDjango(t), `ALLOWED_HOSTS = [".shop.example"]`, `SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True`)
	c := &cli{t: t, env: map[string]string{}}
	args := append(p.args(), "--read-only", "--django-url", "https://www.shop.example/", "--go-url", "https://www.shop.example/go/")
	r := diagnose(t, c, args...)
	var sides []string
	for _, x := range r.Checks {
		if x.Problem == "proxy-ssl-header" && strings.Contains(x.Found, "for http://www.shop.example:") {
			side, _, _ := strings.Cut(x.Found, " ")
			sides = append(sides, side)
		}
	}
	if strings.Join(sides, " ") != "Django Go" || len(r.problems()) != 1 {
		t.Errorf("%q\n%s", sides, r.text())
	}
	p.add(t, `SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")`)
	if r := diagnose(t, c, args...); len(r.problems()) > 0 {
		t.Errorf("%s", r.text())
	}
	if r := diagnose(t, c, append(args, "--proxy-header", "Host: backend:8000", "--proxy-header", "X-Forwarded-Proto: https")...); strings.Join(r.problems(), " ") != "allowed-hosts" {
		t.Errorf("%s", r.text())
	}
}

// TestDoctorIsInterrupted: the status is that of a signal.
func TestDoctorIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := newHealthy(t).runContext(ctx, nil, "doctor")
	if r.status != 130 {
		t.Errorf("%+v", r)
	}
}
