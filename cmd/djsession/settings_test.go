package main

import (
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/testenv"
)

func TestSecretKeySources(t *testing.T) {
	signed := strings.TrimSuffix(newCLI(t).ok("encode", `{"a":1}`), "\n")
	decodes := func(c *cli, args ...string) {
		t.Helper()
		c.run(append([]string{"decode", signed}, args...)...).check(t, 0, `{"a":1}`+"\n", "")
	}
	bare := newCLI(t).with("DJANGO_SECRET_KEY", "")
	wrong := newCLI(t).with("DJANGO_SECRET_KEY", "another")
	for name, content := range map[string]string{"bare": testSecret, "LF": testSecret + "\n", "CRLF": testSecret + "\r\n"} {
		t.Run("file "+name, func(t *testing.T) {
			path := file(t, "key", content)
			decodes(bare, "--secret-key-file", path)
			decodes(wrong, "--secret-key-file", path)
			decodes(bare.with("DJANGO_SECRET_KEY_FILE", path))
		})
	}
	decodes(bare, "--secret-key", testSecret)
	decodes(wrong, "--secret-key", testSecret)
	decodes(wrong.with("DJANGO_SECRET_KEY_FILE", "/nowhere"), "--secret-key", testSecret)
	decodes(wrong.with("DJANGO_SECRET_KEY_FALLBACKS", "x,"+testSecret+",y"))
	decodes(wrong, "--secret-key-fallbacks", testSecret)
	decodes(wrong.with("DJANGO_SECRET_KEY_FALLBACKS", "x"), "--secret-key-fallbacks", testSecret)

	for _, test := range []struct {
		name   string
		c      *cli
		args   []string
		status int
		words  string
	}{
		{"none", bare, nil, 2, "no secret key"},
		{"empty flag", newCLI(t), []string{"--secret-key="}, 2, "no secret key"},
		{"empty file", bare, []string{"--secret-key-file", file(t, "key", "\n")}, 2, "no secret key"},
		{"no file", bare, []string{"--secret-key-file", "/nowhere"}, 2, "cannot be read"},
		{"two flags", bare, []string{"--secret-key-file", file(t, "key", testSecret), "--secret-key", testSecret}, 2, "set one of them"},
		{"two variables", newCLI(t).with("DJANGO_SECRET_KEY_FILE", file(t, "key", testSecret)), nil, 2, "set one of them"},
		{"another key", wrong, nil, 1, "does not match"},
		{"empty fallback", newCLI(t), []string{"--secret-key-fallbacks", "a,,b"}, 2, "SECRET_KEY_FALLBACKS"},
		{"fallbacks before Django 4.1", wrong.with("DJANGO_SECRET_KEY_FALLBACKS", testSecret), []string{"--django-version", "4.0"}, 1, "does not match"},
		{"fallbacks overridden by none", wrong.with("DJANGO_SECRET_KEY_FALLBACKS", testSecret), []string{"--secret-key-fallbacks", ""}, 1, "does not match"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.c.run(append([]string{"decode", signed}, test.args...)...).check(t, test.status, "", test.words)
		})
	}
}

// The first key signs, whatever the text was signed with before.
func TestFallbacksAreForReading(t *testing.T) {
	c := newSite(t)
	key := c.create(`{"a":1}`)
	rotated := c.with("DJANGO_SECRET_KEY", "rotated").with("DJANGO_SECRET_KEY_FALLBACKS", testSecret)
	rotated.ok("set", key, "b", "2")
	c.run("show", key).check(t, 1, "", "cannot be read")
	if got := c.with("DJANGO_SECRET_KEY", "rotated").ok("show", key); got != `{"a":1,"b":2}`+"\n" {
		t.Errorf("got %s", got)
	}
}

func TestFormats(t *testing.T) {
	for _, test := range []struct {
		name string
		env  map[string]string
		old  bool // the format written; base64 has no colon
	}{
		{"default", nil, false},
		{"newest", map[string]string{"DJANGO_VERSION": "6.1"}, false},
		{"3.2", map[string]string{"DJANGO_VERSION": "3.2.25"}, false},
		{"2.2", map[string]string{"DJANGO_VERSION": "2.2"}, true},
		{"3.2 with SHA-1", map[string]string{"DJANGO_VERSION": "3.2", "DJANGO_SESSION_FORMAT": "pre31"}, true},
		{"format alone", map[string]string{"DJANGO_SESSION_FORMAT": "pre31"}, true},
		{"modern", map[string]string{"DJANGO_SESSION_FORMAT": "modern"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCLI(t)
			for name, value := range test.env {
				c = c.with(name, value)
			}
			signed := strings.TrimSuffix(c.ok("encode", `{"a":1}`), "\n")
			if old := !strings.Contains(signed, ":"); old != test.old {
				t.Errorf("encode writes %s", signed)
			}
			if got := c.ok("decode", signed); got != `{"a":1}`+"\n" {
				t.Errorf("decoded %s", got)
			}
			if test.old {
				newest := newCLI(t)
				newest.run("decode", signed).check(t, 1, "", "before Django 3.1")
				if got := newest.ok("decode", signed, "--read-older-formats"); got != `{"a":1}`+"\n" {
					t.Errorf("decoded %s", got)
				}
				newest.with("DJANGO_READ_OLDER_FORMATS", "True").ok("decode", signed)
				newest.with("DJANGO_READ_OLDER_FORMATS", "True").run("decode", signed, "--read-older-formats=false").check(t, 1, "", "before Django 3.1")
			}
		})
	}
}

func TestWrongSettings(t *testing.T) {
	for _, test := range []struct{ variable, value, words string }{
		{"DJANGO_USE_TZ", "maybe", "DJANGO_USE_TZ"},
		{"DJANGO_USE_TZ", "False", "DJANGO_TIME_ZONE"},
		{"DJANGO_TIME_ZONE", "Mars/Olympus", "TIME_ZONE"},
		{"DJANGO_DATABASE_TIME_ZONE", "Mars/Olympus", "DJANGO_DATABASE_TIME_ZONE"},
		{"DJANGO_DATABASE_TIME_ZONE", "Local", "DJANGO_DATABASE_TIME_ZONE"},
		{"DJANGO_VERSION", "new", "DjangoVersion"},
		{"DJANGO_VERSION", "1.11", "older than 2.2"},
		{"DJANGO_SESSION_FORMAT", "old", "DJANGO_SESSION_FORMAT"},
		{"DJANGO_READ_OLDER_FORMATS", "maybe", "DJANGO_READ_OLDER_FORMATS"},
		{"DJANGO_SESSION_COOKIE_AGE", "2 weeks", "DJANGO_SESSION_COOKIE_AGE"},
		{"DJANGO_SESSION_COOKIE_AGE", "0", "DJANGO_SESSION_COOKIE_AGE"},
		{"DJANGO_SESSION_COOKIE_AGE", "9223372036854775808", "DJANGO_SESSION_COOKIE_AGE"},
		{"DATABASE_URL", "user:password@host", "DATABASE_URL"},
	} {
		newSite(t).with(test.variable, test.value).run("create").check(t, 2, "", test.words)
	}
	c := newSite(t).with("DJANGO_TIME_ZONE", "Europe/Berlin").with("DJANGO_USE_TZ", "False")
	c.with("DJANGO_DATABASE_TIME_ZONE", "Europe/Paris").run("list").check(t, 2, "", "USE_TZ = True")
	newSite(t).run("list", "--table", "").check(t, 2, "", "DJANGO_SESSION_TABLE (or --table) is empty")
	newSite(t).run("list", "--session-store-class", "").check(t, 2, "", "SessionStoreClass")
}

func TestBooleans(t *testing.T) {
	for _, text := range []string{"True", "true", "1", "yes", "ON"} {
		newSite(t).with("DJANGO_USE_TZ", text).list()
	}
	for _, text := range []string{"False", "false", "0", "no", "off"} {
		newSite(t).with("DJANGO_USE_TZ", text).with("DJANGO_TIME_ZONE", "UTC").list()
	}
}

// TestUnsetUseTZ: True is assumed where it matters, and only there.
func TestUnsetUseTZ(t *testing.T) {
	c := newSite(t)
	key := c.create("{}")
	unset := c.with("DJANGO_USE_TZ", "")
	unset.run("show", key).check(t, 0, "{}\n", "USE_TZ is not set; assuming True")
	if r := unset.run("show", key); strings.Count(r.stderr, "\n") != 1 || !strings.Contains(r.stderr, "DJANGO_USE_TZ") {
		t.Errorf("stderr %q, want one line that names the variable", r.stderr)
	}
	unset.run("show", key, "--use-tz", "True").check(t, 0, "{}\n", "")
	unset.ok("encode", "{}")
	if a, b := c.list(), unset.run("list").stdout; a != b {
		t.Errorf("list prints %q, and %q under USE_TZ = True", b, a)
	}
}

// What stores a session, or decides which ones end, does not assume USE_TZ.
func TestUnsetUseTZChangesNothing(t *testing.T) {
	c := newUsers(t)
	chicago := c.with("DJANGO_USE_TZ", "False").with("DJANGO_TIME_ZONE", "America/Chicago").with("DJANGO_SESSION_COOKIE_AGE", "3600")
	key := chicago.logIn()
	unset := c.with("DJANGO_USE_TZ", "")
	before := unset.data(key)
	for _, args := range [][]string{{"clearsessions"}, {"clearsessions", "--dry-run=false"}, {"create"}, {"set", key, "a", "1"}, {"unset", key, "_auth_user_id"}, {"login", "ann"}, {"logout", key}, {"logout", "--user", "ann"}} {
		r := unset.feed(strings.NewReader(annPassword), args...)
		r.check(t, statusFailed, "", "USE_TZ is not set, and SQLite stores times without a zone; set DJANGO_USE_TZ (or --use-tz)")
		if unset.data(key) != before {
			t.Fatalf("%q changed the session", args)
		}
	}
	for _, args := range [][]string{{"list"}, {"show", key}, {"get", key, "a"}, {"whoami", key}, {"clearsessions", "--dry-run"}} {
		if r := unset.run(args...); !strings.Contains(r.stderr, "USE_TZ is not set; assuming True") {
			t.Errorf("%q: stderr %q", args, r.stderr)
		}
	}
	unset.ok("delete", key) // looks at no time
	newCLI(t).with("DJANGO_USE_TZ", "").with("DATABASE_URL", "mysql://u:p@127.0.0.1:1/shop").run("clearsessions").check(t, statusFailed, "", "MySQL stores times without a zone")
}

// PostgreSQL's times have a zone.
func TestUnsetUseTZOnPostgreSQL(t *testing.T) {
	c := newCLI(t).on(servers.New(t, testenv.PostgreSQLVendor)).with("DJANGO_USE_TZ", "")
	key := c.create("{}")
	c.ok("set", key, "a", "1")
	c.ok("clearsessions")
	c.ok("logout", key)
}

// TestTimesInTheTable: under USE_TZ = False they are those of TIME_ZONE.
func TestTimesInTheTable(t *testing.T) {
	kathmandu, err := time.LoadLocation("Asia/Kathmandu")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		env  map[string]string
		zone *time.Location
	}{
		{"USE_TZ", nil, time.UTC},
		{"local", map[string]string{"DJANGO_USE_TZ": "False", "DJANGO_TIME_ZONE": "Asia/Kathmandu"}, kathmandu},
		{"of the database", map[string]string{"DJANGO_DATABASE_TIME_ZONE": "Asia/Kathmandu"}, kathmandu},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newSite(t)
			for name, value := range test.env {
				c = c.with(name, value)
			}
			key := c.create(`{"_session_expiry":3600}`)
			var column string
			if err := c.db.QueryRow("SELECT CAST(expire_date AS TEXT) FROM django_session").Scan(&column); err != nil {
				t.Fatal(err)
			}
			expires, err := time.ParseInLocation("2006-01-02 15:04:05", column, test.zone)
			if err != nil {
				t.Fatal(err)
			}
			if off := time.Until(expires) - time.Hour; off > 0 || off < -time.Minute {
				t.Errorf("the table has %s, which is %v off", column, off)
			}
			if got, want := c.list(), expires.UTC().Format(time.RFC3339); !strings.Contains(got, want) || !strings.Contains(got, key) {
				t.Errorf("list prints %s, want %s", got, want)
			}
		})
	}
}

func TestSessionStoreClass(t *testing.T) {
	c := newCLI(t).with("DJANGO_SESSION_STORE_CLASS", "ShopStore")
	signed := strings.TrimSuffix(c.ok("encode", "{}"), "\n")
	c.ok("decode", signed)
	newCLI(t).run("decode", signed).check(t, 1, "", "does not match")
}

// SESSION_COOKIE_AGE may be longer than a time.Duration can be.
func TestLongSessionCookieAge(t *testing.T) {
	c := newSite(t).with("DJANGO_SESSION_COOKIE_AGE", "9999999999")
	key := c.create("{}")
	if got := c.ok("show", "--meta", key); !strings.Contains(got, `"expiry_age":9999999999`) {
		t.Errorf("show --meta prints %s", got)
	}
	expires := time.Now().UTC().AddDate(0, 0, 9999999999/86400).Format("2006-01")
	if got := c.list(); !strings.Contains(got, expires) {
		t.Errorf("list prints %s, want %s", got, expires)
	}
	c.with("DJANGO_SESSION_COOKIE_AGE", "999999999999").run("create").check(t, statusFailed, "", "expiry")
}
