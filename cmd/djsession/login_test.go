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
	c.exec("DELETE FROM django_session") // signed with another key
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
		"tampered":   {func(c *cli, key string) { c.ok("set", key, "_auth_user_hash", `"0123"`) }, nil, "does not match"},
		"another id": {func(c *cli, key string) { c.ok("set", key, "_auth_user_id", `"2"`) }, nil, "does not match"},
		"odd id":     {func(c *cli, key string) { c.ok("set", key, "_auth_user_id", `"x"`) }, nil, "primary key"},
		"gone":       {func(c *cli, key string) { c.exec("DELETE FROM auth_user WHERE id = 1") }, nil, "no such user"},
		"inactive":   {func(c *cli, key string) { c.exec("UPDATE auth_user SET is_active = 0") }, nil, "not active"},
		"password":   {func(c *cli, key string) { c.exec("UPDATE auth_user SET password = 'x'") }, nil, "does not match"},
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

// A user model with another table, a UUID, an e-mail for a name, and not all of the
// columns.
func TestCustomUserModel(t *testing.T) {
	c := newSite(t)
	c.exec(`CREATE TABLE accounts_customer (uid char(32) NOT NULL PRIMARY KEY, email varchar(254) NOT NULL UNIQUE, password varchar(128) NOT NULL)`)
	c.exec("INSERT INTO accounts_customer VALUES ('0123456789abcdef0123456789abcdef', 'ann@example.com', '" + testenv.MD5Hash(annPassword) + "')")
	c = c.with("DJANGO_USER_TABLE", "accounts_customer").with("DJANGO_USER_KEY", "uuid").
		with("DJANGO_USER_ID_COLUMN", "uid").with("DJANGO_USERNAME_COLUMN", "email")
	for _, args := range [][]string{{"login", "ann@example.com"}, {"whoami", absentKey}} {
		c.feed(strings.NewReader(annPassword), args...).check(t, statusFailed, "", "set it to none if the model has no is_active")
	}
	if n := strings.Count(c.list(), "\n"); n != 0 {
		t.Errorf("%d sessions were made", n)
	}

	c = c.with("DJANGO_USER_ACTIVE_COLUMN", "none")
	key := strings.TrimSuffix(c.okFed(annPassword, "login", "ann@example.com"), "\n")
	const want = `{"id":"01234567-89ab-cdef-0123-456789abcdef","username":"ann@example.com","is_active":true,"is_staff":null,"is_superuser":null,"last_login":null,"backend":"django.contrib.auth.backends.ModelBackend"}`
	c.run("whoami", key).check(t, statusDone, want+"\n", "")

	c.with("DJANGO_USER_TABLE", "no_such").run("whoami", key).check(t, statusFailed, "", "DJANGO_USER_TABLE")
	c.with("DJANGO_USER_KEY", "guid").run("whoami", key).check(t, statusFailed, "", "int, uuid or text")
	for _, variable := range []string{"DJANGO_USER_ID_COLUMN", "DJANGO_USERNAME_COLUMN", "DJANGO_USER_PASSWORD_COLUMN", "DJANGO_USER_ACTIVE_COLUMN"} {
		r := c.with(variable, "no_such").run("whoami", key)
		r.check(t, statusFailed, "", `has no column "no_such"; name the column in `+variable)
	}
}

// The columns of is_active and password may have names of their own (db_column): a
// user who is not active, or whose password was changed, does not count as logged in.
func TestUserColumns(t *testing.T) {
	for _, table := range []string{"members", "auth_user"} {
		t.Run(table, func(t *testing.T) {
			c := newSite(t)
			c.exec("CREATE TABLE " + table + " (id integer PRIMARY KEY, username text, pw text, enabled bool, is_staff bool, is_superuser bool, last_login datetime)")
			c.exec("INSERT INTO " + table + " VALUES (1, 'ann', '" + testenv.MD5Hash(annPassword) + "', 1, 1, 0, NULL), (2, 'cyd', '" + testenv.MD5Hash(annPassword) + "', 0, 0, 0, NULL)")
			if table != "auth_user" {
				c = c.with("DJANGO_USER_TABLE", table)
			}
			c.feed(strings.NewReader(annPassword), "login", "cyd", "--user-active-column", "enabled").check(t, statusFailed, "", "DJANGO_USER_PASSWORD_COLUMN")
			c = c.with("DJANGO_USER_PASSWORD_COLUMN", "pw")
			c.feed(strings.NewReader(annPassword), "login", "cyd").check(t, statusFailed, "", "DJANGO_USER_ACTIVE_COLUMN")
			c = c.with("DJANGO_USER_ACTIVE_COLUMN", "enabled").with("DJANGO_PASSWORD_HASHERS", "django.contrib.auth.hashers.MD5PasswordHasher")
			c.feed(strings.NewReader(annPassword), "login", "cyd").check(t, statusNegative, "", "do not match an active user")
			key := c.logIn()
			if out := c.ok("whoami", key); !strings.Contains(out, `"is_staff":true,"is_superuser":false`) {
				t.Errorf("whoami prints %s", out)
			}
			c.exec("UPDATE " + table + " SET enabled = 0 WHERE id = 1")
			c.run("whoami", key).check(t, statusNegative, "", "not active")
			c.exec("UPDATE " + table + " SET enabled = 1, pw = 'another' WHERE id = 1")
			c.run("whoami", key).check(t, statusNegative, "", "does not match")
		})
	}
}

// TestLogoutUser ends the sessions of one user, and no others.
func TestLogoutUser(t *testing.T) {
	c := newUsers(t)
	theirs := []string{c.logIn(), c.logIn(), c.create(`{"_auth_user_id":1}`), c.create(`{"_auth_user_id":" 1 "}`)}
	others := []string{c.create(`{"_auth_user_id":"11"}`), c.create(`{"user":"1"}`), c.create("{}"), c.create(`{"_auth_user_id":"x"}`)}
	c.run("logout", "--user", "ann").check(t, statusDone, "", "4 sessions of the user ended")
	for _, key := range theirs {
		c.run("show", key).check(t, statusNegative, "", "no such session")
	}
	for _, key := range others {
		c.ok("show", key)
	}
	c.run("logout", "--user", "ann").check(t, statusNegative, "", "0 sessions")
	c.run("logout", "--user", "zoe").check(t, statusNegative, "", "no such user")
	c.run("logout", "--user", "ann", others[0]).check(t, statusFailed, "", "1 arguments given")
	c.run("logout").check(t, statusFailed, "", "0 arguments given")

	// What cannot be read may be theirs.
	key := c.logIn()
	c.insert(brokenKey, "eyJhIjoxfQ:1wQzBd:c2lnbmF0dXJl", "2999-01-01 00:00:00")
	r := c.run("logout", "--user", "ann")
	r.check(t, statusNegative, "", "1 session of the user ended")
	r.check(t, statusNegative, "", "1 of 5 sessions cannot be read; compare DJANGO_SECRET_KEY")
	c.run("show", key).check(t, statusNegative, "", "no such session")
	if c.data(brokenKey) == "" {
		t.Error("the session that cannot be read is gone")
	}
}

// A session under a key that Django would not make is the user's, too.
func TestLogoutUserWithOddKey(t *testing.T) {
	c := newUsers(t)
	c.insert("a key with blanks", sign(t, c, `{"_auth_user_id":"1"}`), "2999-01-01 00:00:00")
	c.logIn()
	c.run("logout", "--user", "ann").check(t, statusDone, "", "2 sessions of the user ended")
}

// A user who logs in again whenever they are logged out does not keep the command busy
// for ever.
func TestLogoutUserWhoKeepsLoggingIn(t *testing.T) {
	c := newUsers(t)
	c.logIn()
	c.exec(`CREATE TRIGGER again AFTER DELETE ON django_session BEGIN
		INSERT INTO django_session VALUES (lower(hex(randomblob(16))), OLD.session_data, OLD.expire_date); END`)
	r := c.run("logout", "--user", "ann")
	r.check(t, statusNegative, "", "5 sessions of the user ended")
	r.check(t, statusNegative, "", "the user keeps logging in; make them inactive first")
}

// The commands that need the user table wait for a busy database as the others do.
func TestUserTableWaits(t *testing.T) {
	c := newUsers(t)
	key := c.logIn()
	for _, args := range [][]string{{"whoami", key}, {"logout", "--user", "zoe"}} {
		conn, err := c.db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.ExecContext(t.Context(), "BEGIN EXCLUSIVE"); err != nil {
			t.Fatal(err)
		}
		done := make(chan result)
		go func() { done <- c.run(args...) }()
		select {
		case r := <-done:
			t.Errorf("%q does not wait: %s", args, r.stderr)
			done = nil
		case <-time.After(200 * time.Millisecond):
		}
		if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
			t.Fatal(err)
		}
		conn.Close()
		if done == nil {
			continue
		}
		if r := <-done; strings.Contains(r.stderr, "locked") {
			t.Errorf("%q: status %d, %s", args, r.status, r.stderr)
		}
	}
}

// TestLoginLeftToDjango: what the command cannot know about a site's own backends
// is said in its own words, and nobody is logged in.
func TestLoginLeftToDjango(t *testing.T) {
	for backends, words := range map[string]string{
		"axes.backends.AxesBackend,django.contrib.auth.backends.ModelBackend": "might refuse the login; log in at Django",
		"django.contrib.auth.backends.RemoteUserBackend":                      "accepts a password; log in at Django",
	} {
		c := newUsers(t).with("DJANGO_AUTHENTICATION_BACKENDS", backends)
		before := c.run("list").stdout
		c.feed(strings.NewReader(annPassword), "login", "ann").check(t, 2, "", words)
		if c.run("list").stdout != before {
			t.Errorf("%s: a session was made", backends)
		}
	}
}
