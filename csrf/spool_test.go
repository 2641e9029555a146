package csrf

import (
	"errors"
	"io"
	"os"
	"testing"
)

func TestErrorsOfTheTemporaryFile(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s := new(spool)
	t.Cleanup(s.remove)
	write := func(n int) error {
		_, err := s.Write(make([]byte, n))
		return err
	}
	if err := errors.Join(write(maxSpoolMemory), write(2)); err != nil {
		t.Fatal(err)
	}
	if err := s.file.Close(); err != nil {
		t.Fatal(err)
	}
	if err := write(1); !errors.Is(err, errStorage) || !errors.Is(err, os.ErrClosed) {
		t.Errorf("written to a closed file: %v", err)
	}
	if _, err := io.ReadAll(s.reader()); !errors.Is(err, os.ErrClosed) {
		t.Errorf("read from a closed file: %v", err)
	}
}
