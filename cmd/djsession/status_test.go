package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

const (
	absentKey = "absentabsentabsentabsentabsent00"
	staleKey  = "stalestalestalestalestalestale00"
	brokenKey = "brokenbrokenbrokenbrokenbroken00"
)

// newBusySite has a session, an expired one, and one that cannot be read.
func newBusySite(t *testing.T) (c *cli, key string) {
	c = newSite(t)
	key = c.create(`{"a":1}`)
	c.insert(staleKey, c.data(key), "2001-02-03 04:05:06")
	c.insert(brokenKey, "eyJhIjoxfQ:1wQzBd:c2lnbmF0dXJl", "2999-01-01 00:00:00")
	return c, key
}

// TestStatus goes through what scripts tell apart: 0 done, 1 a negative answer,
// 2 wrong use or a system that failed.
func TestStatus(t *testing.T) {
	c, key := newBusySite(t)
	signed := strings.TrimSuffix(c.ok("encode", `{"a":1}`), "\n")
	for _, test := range []struct {
		name   string
		args   []string
		status int
		words  string // in stderr
	}{
		{"help", []string{"--help"}, 0, ""},
		{"help of a command", []string{"set", "--help"}, 0, ""},
		{"help command", []string{"help", "set"}, 0, ""},
		{"version", []string{"--version"}, 0, ""},
		{"completion", []string{"completion", "zsh"}, 0, ""},
		{"decode", []string{"decode", signed}, 0, ""},
		{"get", []string{"get", key, "a"}, 0, ""},
		{"clearsessions --dry-run", []string{"clearsessions", "--dry-run"}, 0, ""},
		{"show", []string{"show", key}, 0, ""},
		{"set", []string{"set", key, "b", "2"}, 0, ""},
		{"unset", []string{"unset", key, "b"}, 0, ""},

		{"decode what is altered", []string{"decode", "x" + signed}, 1, "does not match"},
		{"decode what is cut off", []string{"decode", "eyJhIjoxfQ"}, 1, "truncated"},
		{"decode nothing", []string{"decode", ""}, 1, "empty"},
		{"encode no object", []string{"encode", "[1]"}, 1, "not a JSON object"},
		{"encode no JSON", []string{"encode", "{'a': 1}"}, 1, "not JSON"},
		{"encode nothing", []string{"encode", ""}, 1, "empty"},
		{"show: no such session", []string{"show", absentKey}, 1, "no such session"},
		{"show: not a key", []string{"show", "../../etc/passwd\x00'; --"}, 1, "a session key has only the characters"},
		{"show: a short key", []string{"show", "k"}, 1, "a session key has at least 8 characters; this one has 1"},
		{"show: a long key", []string{"show", strings.Repeat("k", 10_000)}, 1, "at most 40 characters; this one has 10000"},
		{"show: expired", []string{"show", staleKey}, 1, "expired"},
		{"show: unreadable", []string{"show", brokenKey}, 1, "cannot be read"},
		{"show --meta: no such session", []string{"show", "--meta", absentKey}, 1, "no such session"},
		{"show --meta: unreadable", []string{"show", "--meta", brokenKey}, 1, "cannot be read"},
		{"get: no such session", []string{"get", absentKey, "a"}, 1, "no such session"},
		{"get: expired", []string{"get", staleKey, "a"}, 1, "expired"},
		{"get: unreadable", []string{"get", brokenKey, "a"}, 1, "cannot be read"},
		{"get: no such name", []string{"get", key, "nope"}, 1, "no value of that name"},
		{"set: no such session", []string{"set", absentKey, "a", "1"}, 1, "no such session"},
		{"set: expired", []string{"set", staleKey, "a", "1"}, 1, "expired"},
		{"set: unreadable", []string{"set", brokenKey, "a", "1"}, 1, "cannot be read"},
		{"unset: no such session", []string{"unset", absentKey, "a"}, 1, "no such session"},
		{"unset: no such name", []string{"unset", key, "nope"}, 1, "no value of that name"},
		{"unset: unreadable", []string{"unset", brokenKey, "a"}, 1, "cannot be read"},
		{"delete: no such session", []string{"delete", absentKey}, 1, "no such session"},

		{"no command", nil, 2, "no command"},
		{"unknown command", []string{"frobnicate"}, 2, `unknown command "frobnicate"`},
		{"misspelt command", []string{"lisst"}, 2, "did you mean list?"},
		{"help of an unknown command", []string{"help", "frobnicate"}, 2, "unknown command"},
		{"completion without a shell", []string{"completion"}, 2, "name the shell"},
		{"completion for another shell", []string{"completion", "cmd"}, 2, "name the shell"},
		{"unknown flag", []string{"list", "--frobnicate"}, 2, "unknown flag --frobnicate"},
		{"unknown short flag", []string{"list", "-x"}, 2, "unknown flag -x"},
		{"flag without a value", []string{"list", "--limit"}, 2, "--limit needs a value"},
		{"flag with a wrong value", []string{"list", "--limit", "many"}, 2, "--limit"},
		{"bad flag syntax", []string{"list", "--=x"}, 2, "neither a flag"},
		{"negative limit", []string{"list", "--limit=-1"}, 2, "--limit"},
		{"timestamp that is none", []string{"encode", "--timestamp", "now", "{}"}, 2, "--timestamp"},
		{"decode too much", []string{"decode", "a", "b"}, 2, "2 arguments given"},
		{"encode too much", []string{"encode", "{}", "{}"}, 2, "2 arguments given"},
		{"show without a key", []string{"show"}, 2, "0 arguments given"},
		{"set without a value", []string{"set", key, "a"}, 2, "2 arguments given"},
		{"set no JSON", []string{"set", key, "a", "text"}, 2, "argument JSON: not JSON: expected"},
		{"set nothing", []string{"set", key, "a", ""}, 2, "argument JSON"},
		{"set what Django could not read", []string{"set", key, "a", strings.Repeat("9", 4301)}, 2, "argument JSON: not JSON that Django could read: integer has"},
		{"set what is too deep", []string{"set", key, "a", strings.Repeat("[", 600) + strings.Repeat("]", 600)}, 2, "argument JSON: not JSON that Django could read: nested too deeply"},
		{"set a name that is no text", []string{"set", key, "\xff", "1"}, 2, "UTF-8"},
		{"create no JSON", []string{"create", "{"}, 2, "argument JSON"},
		{"create no object", []string{"create", "1"}, 2, "not a JSON object"},
		{"list with an argument", []string{"list", "x"}, 2, "1 arguments given"},
		{"clearsessions with an argument", []string{"clearsessions", "x"}, 2, "1 arguments given"},
		{"no cache", []string{"list", "--engine", "cached_db"}, 2, "no cache; set CACHE_URL (or --cache-url)"},
		{"no engine", []string{"list", "--engine", "etcd"}, 2, "DJANGO_SESSION_ENGINE (or --engine) is one of"},
		{"table that is missing", []string{"list", "--table", "shop_session"}, 2, `"shop_session" is missing`},
		{"show from a table that is missing", []string{"show", key, "--table", "shop_session"}, 2, "--table"},
		{"no URL", []string{"list", "--database-url", ""}, 2, "no database"},
		{"broken URL", []string{"list", "--database-url", "db.sqlite3"}, 2, "DATABASE_URL"},
		{"other database", []string{"list", "--database-url", "oracle://h/x"}, 2, "not supported"},
		{"file that is missing", []string{"list", "--database-url", "sqlite:///" + filepath.Join(t.TempDir(), "no.db")}, 2, "does not exist"},
		{"directory", []string{"list", "--database-url", "sqlite:///" + t.TempDir()}, 2, "directory"},
		{"other file", []string{"list", "--database-url", "sqlite:///" + file(t, "db", strings.Repeat("no database. ", 1000))}, 2, "not a database"},
		{"memory", []string{"list", "--database-url", "sqlite://:memory:"}, 2, "names no SQLite file"},
		{"two slashes", []string{"list", "--database-url", "sqlite://db.sqlite3"}, 2, "names no SQLite file"},
		{"PostgreSQL that is down", []string{"list", "--database-url", "postgres://u:pw@127.0.0.1:1/x"}, 2, "127.0.0.1"},
		{"MySQL that is down", []string{"list", "--database-url", "mysql://u:pw@127.0.0.1:1/x"}, 2, "127.0.0.1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := c.data(key) + c.data(brokenKey)
			r := c.run(test.args...)
			if test.status != 0 {
				r.check(t, test.status, "", test.words)
				if strings.Count(r.stderr, "\n") != 1 {
					t.Errorf("stderr is not one line: %q", r.stderr)
				}
				if c.data(key)+c.data(brokenKey) != before {
					t.Error("a row has changed")
				}
			} else if r.status != 0 || r.stderr != "" {
				t.Errorf("status %d, stderr %q", r.status, r.stderr)
			}
		})
	}
}

func TestNoDatabaseIsMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "no.db")
	newCLI(t).with("DATABASE_URL", testenv.SQLiteFile(path).URL()).run("create").check(t, 2, "", "does not exist")
	if matches, _ := filepath.Glob(path + "*"); len(matches) > 0 {
		t.Errorf("made %q", matches)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c, key := newBusySite(t)
	silent, _ := io.Pipe() // a terminal at which nobody types
	for _, args := range [][]string{{"list"}, {"set", key, "a", "2"}, {"clearsessions"}, {"decode"}, {"encode"}, {"delete", "-"}} {
		c.runContext(ctx, silent, args...).check(t, 130, "", "djsession: interrupted")
	}
	if got := c.ok("show", key); got != `{"a":1}`+"\n" {
		t.Errorf("the session is %s", got)
	}
}

// fullDisk takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestOutputThatFails(t *testing.T) {
	c, key := newBusySite(t)
	for _, args := range [][]string{{"list"}, {"list", "--json"}, {"show", key}, {"create"}, {"encode", "{}"}, {"encode"}} {
		var stderr strings.Builder
		status := run(t.Context(), args, func(name string) string { return c.env[name] }, strings.NewReader("{}\n"), fullDisk{}, &stderr)
		if status != 2 || !strings.Contains(stderr.String(), "cannot write to stdout: disk full") {
			t.Errorf("%q: status %d, stderr %q", args, status, stderr.String())
		}
	}
}

// A session whose key cannot be printed is of no use to anybody, and is not left behind.
func TestKeyThatCannotBePrinted(t *testing.T) {
	c := newUsers(t)
	for _, args := range [][]string{{"create", `{"a":1}`}, {"login", "ann"}} {
		var stderr bytes.Buffer
		status := run(t.Context(), args, func(name string) string { return c.env[name] }, strings.NewReader(annPassword), fullDisk{}, &stderr)
		if want := "djsession: cannot write to stdout: disk full; the new session was deleted again\n"; status != statusFailed || stderr.String() != want {
			t.Errorf("%q: status %d, stderr %q", args, status, stderr.String())
		}
	}
	// A closed pipe would end the program before it deletes anything.
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "create")
	cmd.Env = append(os.Environ(), asCommand+"=1")
	for name, value := range c.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = w, &stderr
	_ = cmd.Run()
	w.Close()
	if status := cmd.ProcessState.ExitCode(); status != statusFailed || !strings.Contains(stderr.String(), "the new session was deleted again") {
		t.Errorf("a closed pipe: status %d, stderr %q", status, stderr.String())
	}
	if got := c.list(); got != "" {
		t.Errorf("left over: %s", got)
	}
}
