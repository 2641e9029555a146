package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Django's OPTIONS are honoured or have no meaning here; any other is refused by
// name.
func TestSQLiteOptions(t *testing.T) {
	c := newSite(t)
	url := c.env["DATABASE_URL"]
	key := c.create(`{"a":1}`)
	for _, options := range []string{
		"timeout=20", "timeout=0.5", "transaction_mode=IMMEDIATE", "transaction_mode=deferred", "check_same_thread=false", "detect_types=0", "isolation_level=x",
		"cached_statements=9", "uri=true", "factory=x", "conn_max_age=600", "autocommit=true", "init_command=PRAGMA%20foreign_keys%3DON;%20PRAGMA%20synchronous%3DNORMAL;",
	} {
		if got := c.with("DATABASE_URL", url+"?"+options).ok("show", key); got != `{"a":1}`+"\n" {
			t.Errorf("%s: show prints %q", options, got)
		}
	}
	for options, words := range map[string]string{
		"mode=memory": "option mode", "vfs=x": "option vfs", "sslmode=require": "option sslmode", "_pragma=x": "option _pragma",
		"timeout=soon": "option timeout", "timeout=-1": "option timeout", "timeout=NaN": "option timeout", "timeout=1e99": "option timeout",
		"transaction_mode=LAZY": "option transaction_mode", "init_command=nonsense": "init_command",
	} {
		c.with("DATABASE_URL", url+"?"+options).run("show", key).check(t, statusFailed, "", words)
	}
}

// An init_command changes the connection that the command uses.
func TestSQLiteInitCommand(t *testing.T) {
	c := newSite(t)
	key := c.create("{}")
	readOnly := c.with("DATABASE_URL", c.env["DATABASE_URL"]+"?init_command=PRAGMA%20query_only%3DON")
	readOnly.ok("show", key)
	readOnly.run("delete", key).check(t, statusFailed, "", "readonly")
	c.ok("show", key)
}

// The timeout bounds how long the command waits for another writer.
func TestSQLiteTimeout(t *testing.T) {
	c := newSite(t)
	key := c.create("{}")
	conn, err := c.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	c.with("DATABASE_URL", c.env["DATABASE_URL"]+"?timeout=0").run("delete", key).check(t, statusFailed, "", "locked")
	if waited := time.Since(start); waited > 20*time.Second {
		t.Errorf("waited %v, as without the option", waited)
	}
}

// SQLite's own message names no file.
func TestSQLiteNamesTheFile(t *testing.T) {
	// SQLite takes no path of more than 512 bytes.
	dir := t.TempDir()
	for len(dir) < 600 {
		dir = filepath.Join(dir, strings.Repeat("d", 100))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	long := filepath.Join(dir, "db.sqlite3")
	if err := os.WriteFile(long, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	noDatabase := file(t, "notes.txt", strings.Repeat("no database. ", 1000))
	for _, path := range []string{long, noDatabase} {
		c := newCLI(t).with("DATABASE_URL", "sqlite:///"+path)
		for _, args := range [][]string{{"list"}, {"show", absentKey}, {"delete", absentKey}, {"clearsessions"}, {"create"}, {"whoami", absentKey}, {"logout", "--user", "ann"}} {
			c.run(args...).check(t, statusFailed, "", path)
		}
	}
}
