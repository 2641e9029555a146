package main

import "testing"

func TestDoctorOnLogins(t *testing.T) {
	after := func(change func(t *testing.T, c *cli) *cli) func(*testing.T) (*cli, []string) {
		return func(t *testing.T) (*cli, []string) { return change(t, newHealthy(t)), nil }
	}
	statement := func(text string) func(*testing.T) (*cli, []string) {
		return after(func(_ *testing.T, c *cli) *cli { c.exec(text); return c })
	}
	variable := func(name, value string) func(*testing.T) (*cli, []string) {
		return after(func(_ *testing.T, c *cli) *cli { return c.with(name, value) })
	}
	diagnosed(t, map[string]brokenSetup{
		"a model of its own": {"user-table", statement("ALTER TABLE auth_user RENAME TO accounts_member")},
		"a model of its own, beside a table without users": {"user-table", after(func(_ *testing.T, c *cli) *cli {
			c.exec("CREATE TABLE accounts_member AS SELECT * FROM auth_user")
			c.exec("DELETE FROM auth_user")
			return c
		})},
		"users elsewhere":       {"user-table", statement("DROP TABLE auth_user")},
		"no is_active":          {"user-columns", statement("ALTER TABLE auth_user RENAME COLUMN is_active TO enabled")},
		"another name column":   {"user-columns", statement("ALTER TABLE auth_user RENAME COLUMN username TO email_address")},
		"another site's users":  {"users-other", statement("DELETE FROM auth_user")},
		"an inactive user":      {"user-inactive", statement("UPDATE auth_user SET is_active = 0")},
		"a changed password":    {"auth-hash", statement("UPDATE auth_user SET password = 'md5$a$b'")},
		"another backend":       {"backends", variable("DJANGO_AUTHENTICATION_BACKENDS", "shop.auth.EmailBackend")},
		"ids of another type":   {"user-key", variable("DJANGO_USER_KEY", "uuid")},
		"a hash that is not so": {"auth-hash", variable("DJANGO_AUTH_HASH_VALUE", "{password}:{email}")},
		"SHA-1": {"hash-sha1", func(t *testing.T) (*cli, []string) {
			c := newUsers(t)
			c.with("DJANGO_AUTH_HASH_ALGORITHM", "sha1").logIn()
			return c, nil
		}},
	})
}
