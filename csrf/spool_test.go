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

// The memory of a form grows to the length that the client announced, at most to what stays in
// memory, once a part of it has come; not before.
func TestMemoryOfAnnouncedForms(t *testing.T) {
	for length, want := range map[int64]int{-1: 0, 1 << 20: 1 << 20, 1 << 40: maxSpoolMemory} {
		s := &spool{length: length}
		for range 2 {
			if _, err := s.Write(make([]byte, 1024)); err != nil {
				t.Fatal(err)
			}
		}
		if n := s.memory.Cap(); n > 16<<10 {
			t.Errorf("length %d: %d bytes for the first 2048", length, n)
		}
		for s.memory.Len() < 512<<10 {
			if _, err := s.Write(make([]byte, 64<<10)); err != nil {
				t.Fatal(err)
			}
		}
		if n := s.memory.Cap(); n < want || n > max(want, 1<<20)+64<<10 {
			t.Errorf("length %d: %d bytes", length, n)
		}
	}
}
