package csrf

import (
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

type readFunc func(p []byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// spooled fills a spool with a form that goes to a file, whose last piece during reads.
func spooled(t *testing.T, during func(*spool) error) (*spool, error) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	s := new(spool)
	t.Cleanup(s.remove)
	last := readFunc(func(p []byte) (int, error) {
		if err := during(s); err != nil {
			return 0, err
		}
		return copy(p, "x"), io.EOF
	})
	body := io.MultiReader(strings.NewReader(strings.Repeat("x", maxSpoolMemory+1)), last)
	return s, s.fill(httptest.NewRequest("POST", "/", body))
}

// What a disk that is full or fails says is told from what reading the body says.
func TestErrorsOfTheTemporaryFile(t *testing.T) {
	var storage *storageError
	_, err := spooled(t, func(s *spool) error { return s.file.Close() })
	if !errors.As(err, &storage) || !errors.Is(err, os.ErrClosed) {
		t.Errorf("written to a closed file: %v", err)
	}

	reset := errors.New("connection reset")
	if _, err = spooled(t, func(*spool) error { return reset }); errors.As(err, &storage) || !errors.Is(err, reset) {
		t.Errorf("the body ends early: %v", err)
	}

	s, err := spooled(t, func(*spool) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(s.reader()); err != nil || len(text) != maxSpoolMemory+2 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
	if err := s.file.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(s.reader()); !errors.As(err, &storage) || !errors.Is(err, os.ErrClosed) {
		t.Errorf("read from a closed file: %v", err)
	}
}
