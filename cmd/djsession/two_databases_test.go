package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
)

// The command connects to one of a site's databases, and says so if users and sessions are in
// two. Where sessions are in none, it is that of the users.
func TestUsersInAnotherDatabase(t *testing.T) {
	dir := t.TempDir()
	for name, table := range map[string]string{
		"default": "CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text NOT NULL, expire_date datetime NOT NULL)",
		"people":  "CREATE TABLE auth_user (id integer PRIMARY KEY, username text, password text, is_active bool)",
	} {
		db := sqlx.MustOpen("sqlite", "file:"+filepath.ToSlash(filepath.Join(dir, name)))
		db.MustExec(table)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	run := func(engine string, env ...string) result {
		name := filepath.Join(dir, engine+".json")
		url := "sqlite:///" + filepath.ToSlash(dir)
		text := fmt.Sprintf(`{"DJSESSION_SETTINGS": 1, "SECRET_KEY": "hush", "USE_TZ": true, "SESSION_ENGINE": %q, "SESSION_FILE_PATH": %q,
			"DATABASES": {"default": {"URL": %q}, "people": {"URL": %q}}, "USER_MODEL": {"DATABASE": "people", "TABLE": "auth_user"}}`,
			"django.contrib.sessions.backends."+engine, dir, url+"/default", url+"/people")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c := &cli{t: t, env: map[string]string{"DJSESSION_SETTINGS": name}}
		for i := 0; i < len(env); i += 2 {
			c.env[env[i]] = env[i+1]
		}
		return c.feed(strings.NewReader("wonderland\n"), "login", "ann")
	}
	if r := run("db"); r.status != statusFailed || !strings.Contains(r.stderr, "users in DATABASES[people] and its sessions in DATABASES[default]") {
		t.Errorf("%+v", r)
	}
	// A database that is named otherwise is taken as it is.
	if r := run("db", "DATABASE_URL", "sqlite:///"+filepath.ToSlash(dir)+"/default"); !strings.Contains(r.stderr, `user table "auth_user" is missing`) {
		t.Errorf("%+v", r)
	}
	if r := run("file"); r.status != statusNegative || strings.Contains(r.stderr, "missing") {
		t.Errorf("files and a database of users: %+v", r)
	}
}
