package djsession

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/testenv"
)

// guides are the pages that a reader follows from the top, by name.
var guides = []string{"docs/migrating.md", "docs/embedding.md"}

// TestMigrating follows docs/migrating.md beside a project that Django has just made.
func TestMigrating(t *testing.T) {
	t.Parallel()
	site := newGuideSite(t)
	site.migrate("'ada', ''")
	site.follow("docs/migrating.md")
}

// TestEmbedding follows docs/embedding.md beside a project on PostgreSQL.
func TestEmbedding(t *testing.T) {
	t.Parallel()
	site := newGuideSite(t)
	db := testenv.PostgreSQL(t).NewDatabase(t)
	site.addDatabase(db)
	fields := db.Django(nil)
	for variable, field := range map[string]string{"PGDATABASE": "NAME", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGHOST": "HOST", "PGPORT": "PORT"} {
		site.env = append(site.env, fmt.Sprintf("%s=%s", variable, fields[field]))
	}
	site.migrate("'ada', ''")
	at := fmt.Sprintf("%s:%s/%s", fields["HOST"], fields["PORT"], fields["NAME"])
	site.follow("docs/embedding.md", "127.0.0.1:5432/mysite", at)
	needsItsRights(t, db, at)
}

func newGuideSite(t *testing.T) *readmeSite {
	t.Helper()
	site := newReadmeSite(t, testenv.NewestDjango(t))
	site.addPath(filepath.Dir(buildCommand(t)))
	return site
}

// follow does what a page says, in the directory that holds mysite: it saves its files, runs
// its commands in one shell, and compares what they print with the blocks of text after them.
// Replaced are the ports, and pairs of old and new.
func (s *readmeSite) follow(page string, replaced ...string) {
	s.t.Helper()
	replaced = append(replaced, "127.0.0.1:8000", freeAddress(s.t), "127.0.0.1:8001", freeAddress(s.t))
	script := newGuideScript(s.t, page, strings.NewReplacer(replaced...), filepath.Join(s.dir, "steps"))
	cmd := s.command(s.dir, "bash", "-c", script.text.String())
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // it ends what it has started
	cmd.WaitDelay = time.Minute
	err := cmd.Run()
	blocks := strings.Split(out.String(), guideMark)
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		if offline.Match(log.Bytes()) && os.Getenv(testenv.RequireVariable) == "" {
			s.t.Skipf("a Go module could not be downloaded:\n%s", &log)
		}
		s.t.Fatalf("%s: block %d of commands: %v\n%s\n%s", page, len(blocks)-1, failed, blocks[len(blocks)-1], &log)
	} else if err != nil {
		s.t.Fatal(err)
	}
	if script.compared == 0 {
		s.t.Errorf("%s shows the output of no commands", page)
	}
	for i, want := range script.outputs {
		if got := blocks[i+1]; want != "" && strings.TrimRight(got, "\n") != strings.TrimRight(want, "\n") {
			s.t.Errorf("%s: block %d of commands prints\n%s\nand the page says\n%s\n%s", page, i+1, got, want, &log)
		}
	}
}

// TestGuidesAreShort: a guide begins with a summary of five lines and has less than 1,000 words.
func TestGuidesAreShort(t *testing.T) {
	for _, page := range guides {
		text := pages(t)[page]
		if words := len(strings.Fields(text)); words >= 1000 {
			t.Errorf("%s has %d words", page, words)
		}
		summary, _, _ := strings.Cut(strings.SplitN(text, "\n\n", 2)[1], "\n\n")
		if n := len(regexp.MustCompile(`(?m)^- `).FindAllString(summary, -1)); n != 5 {
			t.Errorf("%s begins with a summary of %d points, want 5", page, n)
		}
	}
}
