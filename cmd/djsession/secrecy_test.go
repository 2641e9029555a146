package main

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

const (
	testPassword = "pa:ss/w@rd'\\ 42"
	testValue    = "value-nobody-must-see"
)

// TestMessagesKeepSecrets: whatever goes wrong, stderr holds no secret key,
// password, session key, data or value.
func TestMessagesKeepSecrets(t *testing.T) {
	c, key := newBusySite(t)
	c = c.with("DJANGO_SECRET_KEY_FALLBACKS", testFallback)
	password := url.QueryEscape(testPassword)
	password = strings.ReplaceAll(password, "+", "%20")
	signed := strings.TrimSuffix(c.ok("encode", `{"v":"`+testValue+`"}`), "\n")
	value := `"` + testValue + `"`
	secrets := []string{testSecret, testFallback, testPassword, password, key, absentKey, brokenKey, signed, signed[5:], testValue}

	down := func(scheme string) []string {
		return []string{"--database-url", scheme + "://user:" + password + "@127.0.0.1:1/name?connect_timeout=2"}
	}
	for name, args := range map[string][]string{
		"altered":             {"decode", "x" + signed},
		"cut off":             {"decode", signed[:30]},
		"too many":            {"decode", signed, signed},
		"data as a command":   {signed},
		"key as a command":    {key},
		"data as a flag":      {"decode", "-" + signed},
		"data as a long flag": {"decode", "--=" + signed},
		"bad JSON":            {"encode", `{"v":"` + testValue + `"`},
		"bad value":           {"set", key, "v", value + "x"},
		"no object":           {"create", value},
		"expiry":              {"create", `{"_session_expiry":"` + testValue + `"}`},
		"no session":          {"set", absentKey, "v", value},
		"unreadable":          {"set", brokenKey, "v", value},
		"get: no name":        {"get", key, testValue},
		"get: unreadable":     {"get", brokenKey, "v"},
		"several keys":        {"delete", absentKey, absentKey + "x"},
		"logout: unreadable":  {"logout", brokenKey},
		"logout: no table":    {"logout", "--user", "ann"},
		"no user table":       {"whoami", key, "--user-table", "nowhere"},
		"auth hash":           {"whoami", key, "--auth-hash-value", "{" + testValue},
		"bad client secret":   {"list", "--database-url", "postgres://user:" + password + "@127.0.0.1/name?oauth_client_secret=" + testValue},
		"bad key password":    {"list", "--database-url", "postgres://user:" + password + "@127.0.0.1/name?sslkey=/nowhere&sslcert=/nowhere&sslpassword=" + testValue},
		"init command":        {"list", "--database-url", c.env["DATABASE_URL"] + "?init_command=SELECT%20" + testValue + "%20FROM"},
		"option file":         {"list", "--database-url", "mysql://user:" + password + "@127.0.0.1/name?read_default_file=" + testValue},
		"one argument less":   {"set", key, value},
		"PostgreSQL is down":  append([]string{"set", key, "v", value}, down("postgres")...),
		"MySQL is down":       append([]string{"set", key, "v", value}, down("mysql")...),
		"password in a port":  {"list", "--database-url", "postgres://user:" + testPassword + "@host/name"},
		"bad option":          {"list", "--database-url", "postgres://user:" + password + "@127.0.0.1/name?sslmode=" + testValue},
		"bad time-out":        {"list", "--database-url", "postgres://user:" + password + "@127.0.0.1/name?connect_timeout=x"},
		"option for MySQL":    {"list", "--database-url", "mysql://user:" + password + "@127.0.0.1/name?ssl_mode=x"},
		"table":               {"show", key, "--table", "nowhere"},
		"secret as a table":   {"list", "--table", testSecret},
		"two keys":            {"list", "--secret-key", testSecret, "--secret-key-file", "/nowhere"},
		"version":             {"list", "--django-version", testFallback},
		"empty fallback":      {"list", "--secret-key-fallbacks", testFallback + ",," + testSecret},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.run(args...)
			if r.status == 0 || r.stderr == "" {
				t.Fatalf("status %d, stderr %q: this should fail", r.status, r.stderr)
			}
			if r.stdout != "" {
				t.Errorf("stdout %q", r.stdout)
			}
			for i, secret := range secrets {
				if strings.Contains(r.stderr, secret) {
					t.Errorf("secret %d is in %q", i, r.stderr)
				}
			}
		})
	}

	r := c.feed(strings.NewReader(signed+"x\n"+`{"v":"`+testValue+"\"\n"), "decode")
	for i, secret := range secrets {
		if strings.Contains(r.stderr, secret) {
			t.Errorf("secret %d is in %q", i, r.stderr)
		}
	}
}

// Servers that refuse a password must not make us repeat it.
func TestRefusedPasswords(t *testing.T) {
	for name, vendor := range map[string]testenv.Vendor{"PostgreSQL": testenv.PostgreSQLVendor, "MariaDB": testenv.MySQLVendor} {
		t.Run(name, func(t *testing.T) {
			u, err := url.Parse(servers.New(t, vendor).URL())
			if err != nil {
				t.Fatal(err)
			}
			u.User = url.UserPassword(u.User.Username(), testPassword)
			r := newCLI(t).run("list", "--database-url", u.String())
			if r.status != 2 || strings.Contains(r.stderr, testPassword) {
				t.Errorf("status %d, stderr %q", r.status, r.stderr)
			}
			if !strings.Contains(r.stderr, u.User.Username()) {
				t.Errorf("stderr %q does not say who was refused", r.stderr)
			}
		})
	}
}

func TestHide(t *testing.T) {
	var s secrets
	s.add("secret", "", "abc", "secret-key", "secret")
	if got := s.hide("a secret-key, a secret, an abc"); got != "a ***, a ***, an abc" {
		t.Errorf("got %q", got)
	}
}

// A secret is found before the message is put into one line, and as a driver quotes it.
func TestMessagesHideBlanks(t *testing.T) {
	for _, secret := range []string{"pass  word\tx", "two\nlines", " around it ", `with "quotes" and \`, "\u00a0\u2003wide"} {
		var stderr bytes.Buffer
		a := &app{stderr: &stderr}
		a.secrets.add(secret)
		if status := a.report(fmt.Errorf("the server says:\n\t%s or %q\nis  wrong", secret, secret)); status != statusFailed {
			t.Errorf("status %d", status)
		}
		if got := stderr.String(); got != "djsession: the server says: *** or \"***\" is wrong\n" {
			t.Errorf("%q: stderr %q", secret, got)
		}
	}
}

// Part of a password that is not encoded can end up where a name is expected.
func TestMessagesRepeatNoPassword(t *testing.T) {
	c := newSite(t)
	for _, args := range [][]string{
		{"list", "--database-url", "postgres://user:1234?Hunter2Secret=x@host/db"},
		{"list", "--database-url", "mysql://user:1234?Hunter2Secret=x@host/db"},
		{"list", "--database-url", "postgres://user:1234/Hunter2Secret@127.0.0.1:1/db"},
		{"list", "--database-url", "mysql://user:1234#Hunter2Secret@127.0.0.1:1/db"},
		{"list", "--database-url", "postgres://user:x@host/db?Hunter2.Secret!=x"},
		{"list", "--database-url", "mysql://user:x@host/db?Hunter2%20Secret=x"},
		{"list", "--database-url", c.env["DATABASE_URL"] + "?Hunter2/Secret=x"},
		{"list", "--database-url", "mysql://user:x@host/db?" + strings.Repeat("Hunter2", 5) + "=x"},
		{"list", "--database-url", "Hunter2://x"},
		{"list", "--Hunter2Hunter2"}, {"list", "--Hunter2=x"}, {"--" + strings.Repeat("Hunter", 6)}, {"Hunter2"}, {"help", "Hunter2"},
	} {
		r := c.run(args...)
		if r.status != statusFailed || strings.Contains(strings.ToLower(r.stderr), "hunter") || strings.Contains(r.stderr, "1234") {
			t.Errorf("%q: status %d, stderr %q", args, r.status, r.stderr)
		}
	}
	for _, args := range [][]string{{"list", "--secret_key=x"}, {"list", "--pretty"}, {"list", "--database-url", "mysql://u:p@h/db?ssl_moed=x"}} {
		name := regexp.MustCompile(`secret_key|pretty|ssl_moed`).FindString(strings.Join(args, " "))
		if r := c.run(args...); !strings.Contains(r.stderr, name) {
			t.Errorf("%q: stderr %q does not name %s", args, r.stderr, name)
		}
	}
}
