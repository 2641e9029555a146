package compat

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
)

// djsession is the command's binary, built by the first test that needs it.
var djsession struct {
	build sync.Once
	dir   string
	err   error
}

func djsessionBinary() (path string, err error) {
	b := &djsession
	b.build.Do(func() {
		if b.dir, b.err = os.MkdirTemp("", "djsession-command-"); b.err != nil {
			return
		}
		if out, err := exec.Command("go", "build", "-o", b.dir, "../cmd/djsession").CombinedOutput(); err != nil {
			b.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	return filepath.Join(b.dir, "djsession"), b.err
}

func removeDjsession() error { return os.RemoveAll(djsession.dir) }

// command is the djsession command for one database.
type command struct {
	binary string
	env    []string
}

func newCommand(t *testing.T, d *testenv.Database) *command {
	t.Helper()
	binary, err := djsessionBinary()
	if err != nil {
		t.Fatal(err)
	}
	return &command{binary, append(os.Environ(), "DJANGO_SECRET_KEY="+secret, "DATABASE_URL="+d.URL(), "DJANGO_USE_TZ=True")}
}

func (c *command) run(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), c.binary, args...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.env, strings.NewReader(stdin), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Errorf("djsession %s: %v\n%s", args[0], err, stderr.String())
	}
	return stdout.String()
}

// TestCommandSet: Django writes random sessions, `djsession set` sets one key in
// each, and Django finds all others identical, types and order included.
func TestCommandSet(t *testing.T) {
	for _, d := range databases {
		count := times(50, 5)
		if d.vendor == testenv.SQLiteVendor {
			count = times(1000, 30)
		}
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			c := newCell(t, testenv.NewestDjango(t), d.new(t), nil, nil)
			cmd := newCommand(t, c.database)
			written := testenv.Ask[[]testenv.RandomSession](t, c.worker, "create_random", testenv.Args{"seed": c.seed() + 2, "count": count})
			keys, want := make([]string, count), make([]fixtures.Value, count)
			var wg sync.WaitGroup
			free := make(chan struct{}, runtime.NumCPU())
			for i, w := range written {
				keys[i] = w.Row.SessionKey
				want[i] = withKey(t, w.Values, "set by hand", fixtures.NewDict(fixtures.Pair{Key: "a", Value: fixtures.Value{Kind: fixtures.Float, Text: "1.0"}}))
				free <- struct{}{}
				wg.Go(func() {
					cmd.run(t, "", "set", keys[i], "set by hand", `{"a": 1.0}`)
					<-free
				})
			}
			wg.Wait()
			c.agrees(t, keys, want)
		})
	}
}

// TestCommandTexts: decode prints what Django encoded exactly as Django's serializer wrote
// it, and Django reads what encode writes.
func TestCommandTexts(t *testing.T) {
	c := newCell(t, testenv.NewestDjango(t), testenv.SQLite(t), nil, nil)
	cmd := newCommand(t, c.database)
	values := testenv.Ask[[]fixtures.Value](t, c.worker, "random_values", testenv.Args{"seed": c.seed() + 3, "count": perCell})
	texts := testenv.Ask[[]string](t, c.worker, "encode_many", testenv.Args{"values": values})
	documents := cmd.run(t, strings.Join(texts, "\n")+"\n", "decode")
	encoded := strings.Fields(cmd.run(t, documents, "encode"))
	if len(encoded) != len(values) {
		t.Fatalf("%d of %d texts came back", len(encoded), len(values))
	}
	for i, v := range testenv.Ask[[]testenv.Verdict](t, c.worker, "decode_many", testenv.Args{"texts": encoded}) {
		if v.Verdict != fixtures.OK || !v.Value.Equal(values[i]) {
			t.Fatalf("text %d: Django says %s and reads\n%s\nwant\n%s", i, v.Verdict, v.Value, values[i])
		}
	}
}
