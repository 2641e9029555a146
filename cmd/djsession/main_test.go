package main

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/internal/testenv"
)

var servers testenv.Servers

// asCommand in the environment makes the test's binary the command itself.
const asCommand = "DJSESSION_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	servers.Main(m)
}

const (
	testSecret   = "s3cret-of-the-tests!"
	testFallback = "0lder-s3cret"
)

// cli runs the command in an environment.
type cli struct {
	t   *testing.T
	env map[string]string
	db  *sql.DB // nil without a database
}

// needs skips a test on a system without a program of POSIX.
func needs(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skip(err)
	}
}

// result is what a run came to.
type result struct {
	status         int
	stdout, stderr string
}

// newCLI has a secret key and no database.
func newCLI(t *testing.T) *cli {
	return &cli{t: t, env: map[string]string{"DJANGO_SECRET_KEY": testSecret, "DJANGO_USE_TZ": "True"}}
}

// newSite is newCLI with an SQLite database.
func newSite(t *testing.T) *cli {
	t.Helper()
	return newCLI(t).on(testenv.SQLite(t))
}

// on makes Django's table in a database, and uses that.
func (c *cli) on(d *testenv.Database) *cli {
	c.t.Helper()
	d.CreateSessionTable(c.t)
	c.db = d.Connect(c.t)
	return c.with("DATABASE_URL", d.URL())
}

// with returns the same with a variable set.
func (c *cli) with(name, value string) *cli {
	env := maps.Clone(c.env)
	env[name] = value
	return &cli{c.t, env, c.db}
}

func (c *cli) exec(statement string, args ...any) {
	c.t.Helper()
	if _, err := c.db.Exec(statement, args...); err != nil {
		c.t.Fatal(err)
	}
}

// data returns what is in the table under key.
func (c *cli) data(key string) (text string) {
	c.t.Helper()
	if err := c.db.QueryRow("SELECT session_data FROM django_session WHERE session_key = '" + key + "'").Scan(&text); err != nil {
		c.t.Fatal(err)
	}
	return text
}

func (c *cli) run(args ...string) result {
	return c.feed(nil, args...)
}

// feed runs with something on stdin.
func (c *cli) feed(stdin io.Reader, args ...string) result {
	return c.runContext(c.t.Context(), stdin, args...)
}

func (c *cli) runContext(ctx context.Context, stdin io.Reader, args ...string) result {
	if stdin == nil {
		stdin = strings.NewReader("")
	}
	var stdout, stderr bytes.Buffer
	status := run(ctx, args, func(name string) string { return c.env[name] }, stdin, &stdout, &stderr)
	return result{status, stdout.String(), stderr.String()}
}

// list lists sessions and returns stdout; stderr says nothing but how many there are.
func (c *cli) list(args ...string) string {
	c.t.Helper()
	r := c.run(append([]string{"list"}, args...)...)
	if r.status != statusDone || !listedWords.MatchString(r.stderr) {
		c.t.Fatalf("list %q: status %d, stderr %q", args, r.status, r.stderr)
	}
	return r.stdout
}

var listedWords = regexp.MustCompile(`^djsession: ([0-9]+ of )?[0-9]+ sessions?(; --limit 0 lists all)?\n$`)

// ok runs what must succeed without a message and returns its output.
func (c *cli) ok(args ...string) string {
	c.t.Helper()
	return c.okFed("", args...)
}

func (c *cli) okFed(stdin string, args ...string) string {
	c.t.Helper()
	r := c.feed(strings.NewReader(stdin), args...)
	if r.status != statusDone || r.stderr != "" {
		c.t.Fatalf("%q: status %d, stderr %q", args, r.status, r.stderr)
	}
	return r.stdout
}

// create makes a session and returns its key.
func (c *cli) create(json string) string {
	c.t.Helper()
	return strings.TrimSuffix(c.ok("create", json), "\n")
}

// insert puts a row into the table.
func (c *cli) insert(key, data, expires string) {
	c.t.Helper()
	c.exec("INSERT INTO django_session (session_key, session_data, expire_date) VALUES ('" + key + "', '" + data + "', '" + expires + "')")
}

// commandOf returns one of the commands of an app.
func commandOf(t testing.TB, a *app, name string) *cobra.Command {
	t.Helper()
	cmd, _, err := a.rootCommand().Find([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	return cmd
}

// check compares an outcome; stderr must contain the words, and be empty if
// there are none.
func (r result) check(t *testing.T, status int, stdout, words string) {
	t.Helper()
	if r.status != status {
		t.Errorf("status %d, want %d (stderr %q)", r.status, status, r.stderr)
	}
	if r.stdout != stdout {
		t.Errorf("stdout %q, want %q", r.stdout, stdout)
	}
	if words == "" && r.stderr != "" {
		t.Errorf("stderr %q, want nothing", r.stderr)
	}
	if !strings.Contains(r.stderr, words) {
		t.Errorf("stderr %q, want %q in it", r.stderr, words)
	}
}

// file makes a file with this content.
func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
