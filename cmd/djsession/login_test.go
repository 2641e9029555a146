package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/testenv"
)

const annPassword = "correct horse battery"

// newUsers is a site in the database that a real Django made: ann (1) has a
// password, ben (2) none, cyd (3) is not active.
func newUsers(t *testing.T) *cli {
	t.Helper()
	d := testenv.Filled(t, "6.1")
	c := newCLI(t).with("DATABASE_URL", d.URL())
	c.db = d.Connect(t)
	c.exec("UPDATE auth_user SET password = ? WHERE id <> 2", testenv.MD5Hash(annPassword))
	return c
}

// logIn logs ann in and returns the session's key.
func (c *cli) logIn() string {
	c.t.Helper()
	return strings.TrimSuffix(c.okFed(annPassword+"\n", "login", "ann"), "\n")
}

func TestLoginWhoamiLogout(t *testing.T) {
	c := newUsers(t)
	before := time.Now().Add(-time.Second)
	key := c.logIn()
	var who map[string]any
	if err := json.Unmarshal([]byte(c.ok("whoami", key)), &who); err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.RFC3339, who["last_login"].(string))
	if err != nil || at.Before(before) || at.After(time.Now()) {
		t.Errorf("last_login %v: %v", who["last_login"], err)
	}
	delete(who, "last_login")
	text, _ := json.Marshal(who)
	if want := `{"backend":"django.contrib.auth.backends.ModelBackend","id":1,"is_active":true,"is_staff":false,"is_superuser":false,"username":"ann"}`; string(text) != want {
		t.Errorf("whoami: %s", text)
	}
	c.run("logout", key).check(t, statusDone, "", "")
	for _, command := range []string{"whoami", "logout"} {
		c.run(command, key).check(t, statusNegative, "", "no such session")
	}
}

func TestLoginRefused(t *testing.T) {
	// A cheap hasher, since an unknown user costs a hash by the first one.
	c := newUsers(t).with("DJANGO_PASSWORD_HASHERS", "django.contrib.auth.hashers.MD5PasswordHasher")
	const no = "do not match an active user"
	for name, a := range map[string]struct {
		user, stdin string
		status      int
		words       string
	}{
		"wrong password":  {"ann", "wrong\n", 1, no},
		"unknown user":    {"zoe", annPassword, 1, no},
		"inactive":        {"cyd", annPassword, 1, no},
		"unusable":        {"ben", annPassword, 1, no},
		"blank":           {"ann", annPassword + " \n", 1, no},
		"two line breaks": {"ann", annPassword + "\n\n", 1, no},
		"NUL":             {"ann", annPassword + "\x00", 1, no},
		"nothing":         {"ann", "", 2, "give it on stdin"},
		"a line break":    {"ann", "\n", 2, "give it on stdin"},
		"too long":        {"ann", strings.Repeat("x", 1<<20+1), 2, "longer than 1 MiB"},
		"1 MiB":           {"ann", strings.Repeat("x", 1<<20), 1, no},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.feed(strings.NewReader(a.stdin), "login", a.user)
			r.check(t, a.status, "", a.words)
			if strings.Contains(r.stderr, annPassword) || strings.Contains(r.stderr, a.user) {
				t.Errorf("stderr tells too much: %s", r.stderr)
			}
		})
	}
	for _, stdin := range []string{annPassword, annPassword + "\n", annPassword + "\r\n"} {
		c.okFed(stdin, "login", "ann")
	}
	c = c.with("DJANGO_PASSWORD_HASHERS", "django.contrib.auth.hashers.PBKDF2PasswordHasher")
	r := c.feed(strings.NewReader(annPassword), "login", "ann")
	r.check(t, 1, "", no)
	r.check(t, 1, "", "md5; reason: its algorithm is not in PASSWORD_HASHERS")
	c.with("DJANGO_PASSWORD_HASHERS", "shop.Hasher").feed(strings.NewReader("x"), "login", "ann").check(t, 2, "", "DJANGO_PASSWORD_HASHERS")
}

// TestWhoamiOnlyAsks: each reason for no, and the session is what it was.
func TestWhoamiOnlyAsks(t *testing.T) {
	for name, a := range map[string]struct {
		change func(c *cli, key string)
		env    []string
		words  string
	}{
		"no login":   {func(c *cli, key string) { c.ok("unset", key, "_auth_user_id") }, nil, "no login"},
		"no hash":    {func(c *cli, key string) { c.ok("unset", key, "_auth_user_hash") }, nil, "no hash"},
		"tampered":   {func(c *cli, key string) { c.ok("set", key, "_auth_user_hash", `"0123"`) }, nil, "does not fit"},
		"another id": {func(c *cli, key string) { c.ok("set", key, "_auth_user_id", `"2"`) }, nil, "does not fit"},
		"odd id":     {func(c *cli, key string) { c.ok("set", key, "_auth_user_id", `"x"`) }, nil, "primary key"},
		"gone":       {func(c *cli, key string) { c.exec("DELETE FROM auth_user WHERE id = 1") }, nil, "no such user"},
		"inactive":   {func(c *cli, key string) { c.exec("UPDATE auth_user SET is_active = 0") }, nil, "not active"},
		"password":   {func(c *cli, key string) { c.exec("UPDATE auth_user SET password = 'x'") }, nil, "does not fit"},
		"backend":    {func(*cli, string) {}, []string{"DJANGO_AUTHENTICATION_BACKENDS", "shop.Backend, shop.Other,"}, "AUTHENTICATION_BACKENDS"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newUsers(t)
			key := c.logIn()
			a.change(c, key)
			before := c.data(key)
			if len(a.env) > 0 {
				c = c.with(a.env[0], a.env[1])
			}
			r := c.run("whoami", key)
			r.check(t, statusNegative, "", a.words)
			if strings.Contains(r.stderr, key) {
				t.Error("stderr holds the key")
			}
			if c.data(key) != before {
				t.Error("the session was changed")
			}
		})
	}
}

// TestWhoamiWithFallback: a login under an older secret is one, and stays as it is.
func TestWhoamiWithFallback(t *testing.T) {
	c := newUsers(t)
	key := c.logIn()
	before := c.data(key)
	c = c.with("DJANGO_SECRET_KEY_FALLBACKS", testSecret).with("DJANGO_SECRET_KEY", "the next secret")
	if out := c.ok("whoami", key); !strings.Contains(out, `"ann"`) || c.data(key) != before {
		t.Errorf("whoami: %s", out)
	}
}

// TestUserModelOfItsOwn: another table, a UUID, an e-mail for a name, and not all
// of the columns.
func TestUserModelOfItsOwn(t *testing.T) {
	c := newSite(t)
	c.exec(`CREATE TABLE accounts_customer (uid char(32) NOT NULL PRIMARY KEY, email varchar(254) NOT NULL UNIQUE, password varchar(128) NOT NULL)`)
	c.exec("INSERT INTO accounts_customer VALUES ('0123456789abcdef0123456789abcdef', 'ann@example.com', '" + testenv.MD5Hash(annPassword) + "')")
	c = c.with("DJANGO_USER_TABLE", "accounts_customer").with("DJANGO_USER_KEY", "uuid").
		with("DJANGO_USER_ID_COLUMN", "uid").with("DJANGO_USERNAME_COLUMN", "email")
	const note = "no column is_active"
	r := c.feed(strings.NewReader(annPassword), "login", "ann@example.com")
	key := strings.TrimSuffix(r.stdout, "\n")
	r.check(t, statusDone, key+"\n", note)
	const want = `{"id":"01234567-89ab-cdef-0123-456789abcdef","username":"ann@example.com","is_active":true,"is_staff":false,"is_superuser":false,"last_login":null,"backend":"django.contrib.auth.backends.ModelBackend"}`
	c.run("whoami", key).check(t, statusDone, want+"\n", note)

	c.with("DJANGO_USER_TABLE", "no_such").run("whoami", key).check(t, statusFailed, "", "DJANGO_USER_TABLE")
	c.with("DJANGO_USER_KEY", "guid").run("whoami", key).check(t, statusFailed, "", "int, uuid or text")
	c.with("DJANGO_USERNAME_COLUMN", "no_such").run("whoami", key).check(t, statusFailed, "", "--username-column")
}

// TestLoginLeftToDjango: what the command cannot know about a site's own backends
// is said in its own words, and nobody is logged in.
func TestLoginLeftToDjango(t *testing.T) {
	for backends, words := range map[string]string{
		"axes.backends.AxesBackend,django.contrib.auth.backends.ModelBackend": "might stop a login; log in at Django",
		"django.contrib.auth.backends.RemoteUserBackend":                      "known to take a password; log in at Django",
	} {
		c := newUsers(t).with("DJANGO_AUTHENTICATION_BACKENDS", backends)
		before := c.ok("list")
		c.feed(strings.NewReader(annPassword), "login", "ann").check(t, 2, "", words)
		if c.ok("list") != before {
			t.Errorf("%s: a session was made", backends)
		}
	}
}
