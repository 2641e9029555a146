package main

import (
	"strings"
	"testing"
)

// A user model with its own get_session_auth_hash. The hashes are those of Django's
// salted_hmac.
func TestSessionAuthHash(t *testing.T) {
	const stored = "pbkdf2$x"
	for name, test := range map[string]struct {
		env  map[string]string
		hash string
	}{
		"f-string": {
			map[string]string{"DJANGO_AUTH_HASH_SALT": "accounts.Member", "DJANGO_AUTH_HASH_VALUE": "{password}:{auth_version}"},
			"084059e3724db54314f4db9aa93df5848482a1f0409306b7cf3586acbd6bb48e",
		},
		"without an algorithm": {
			map[string]string{"DJANGO_AUTH_HASH_SALT": "accounts.Member", "DJANGO_AUTH_HASH_VALUE": "{password}{token}", "DJANGO_AUTH_HASH_ALGORITHM": "sha1"},
			"6723bf85cb7d05e72ef5bfa3c1cf728e3bff7387",
		},
		"None": {
			map[string]string{"DJANGO_AUTH_HASH_VALUE": "{password}{empty}", "DJANGO_AUTH_HASH_ALGORITHM": "sha256"},
			"6f49a8f1d967b05297b341fb2c4aacad60ebb93652084a4d2e47350e14229d9b",
		},
		"username": {
			map[string]string{"DJANGO_AUTH_HASH_SALT": "freeipa-user", "DJANGO_AUTH_HASH_VALUE": "{username}"},
			"92b609a60cee9b562709b888a738cf245126666fc175048bf7ef1ffd65a58c26",
		},
		"braces": {
			map[string]string{"DJANGO_AUTH_HASH_SALT": "accounts.Member", "DJANGO_AUTH_HASH_VALUE": "{{{password}}}"},
			"5536d0fafb54d053c3e11b505614214b4e8a04f5af5e4c772dd2baab3121a377",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newUsers(t)
			c.exec("DELETE FROM django_session")
			for _, column := range []string{"auth_version integer DEFAULT 3", "token text DEFAULT 'tok'", "empty text"} {
				c.exec("ALTER TABLE auth_user ADD COLUMN " + column)
			}
			own := c
			for name, value := range test.env {
				own = own.with(name, value)
			}
			// What Django stored is accepted.
			c.exec("UPDATE auth_user SET password = '" + stored + "' WHERE id = 1")
			key := c.create(`{"_auth_user_id":"1","_auth_user_backend":"django.contrib.auth.backends.ModelBackend","_auth_user_hash":"` + test.hash + `"}`)
			if out := own.ok("whoami", key); !strings.Contains(out, `"username":"ann"`) {
				t.Errorf("whoami prints %s", out)
			}
			before := c.data(key)
			c.run("whoami", key).check(t, statusNegative, "", "DJANGO_AUTH_HASH_VALUE")
			if c.data(key) != before {
				t.Error("the session was changed")
			}
			// What login stores is what whoami accepts.
			c.exec("UPDATE auth_user SET password = (SELECT password FROM auth_user WHERE id = 3) WHERE id = 1")
			key = own.logIn()
			own.ok("whoami", key)
			c.run("whoami", key).check(t, statusNegative, "", "does not match")
		})
	}
}

func TestSessionAuthHashErrors(t *testing.T) {
	c := newUsers(t)
	key := c.logIn()
	for value, words := range map[string]string{
		"{password": "DJANGO_AUTH_HASH_VALUE", "password}": "DJANGO_AUTH_HASH_VALUE", "{}": "DJANGO_AUTH_HASH_VALUE", "{a{b}}": "DJANGO_AUTH_HASH_VALUE",
		"{password!r}": "DJANGO_AUTH_HASH_VALUE", "{self.password}": "DJANGO_AUTH_HASH_VALUE", "{password:>9}": "DJANGO_AUTH_HASH_VALUE",
		"{password}{nope}": `no column "nope"`,
	} {
		for _, args := range [][]string{{"whoami", key}, {"login", "ann"}} {
			c.feed(strings.NewReader(annPassword), append(args, "--auth-hash-value", value)...).check(t, statusFailed, "", words)
		}
	}
	c.run("whoami", key, "--auth-hash-algorithm", "md5").check(t, statusFailed, "", "sha256 or sha1")
	// A logout judges no login.
	c.ok("logout", key, "--auth-hash-value", "{nope}")
}
