package csrf

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
)

// maxSpoolMemory is how many bytes of a multipart form stay in memory. Django's
// FILE_UPLOAD_MAX_MEMORY_SIZE.
const maxSpoolMemory = 2621440

// A spool keeps a request's body, in memory or in a temporary file, so that it can
// be read again. Its zero value is empty.
type spool struct {
	text []byte
	file *os.File
	size int64
}

// fill reads the body of r and puts it back. An error is a *storageError or that of
// reading the body.
func (s *spool) fill(r *http.Request) error {
	body := r.Body
	text, err := io.ReadAll(io.LimitReader(body, maxSpoolMemory+1))
	if err != nil {
		return err
	}
	s.text, s.size = text, int64(len(text))
	if s.size > maxSpoolMemory {
		if s.file, err = os.CreateTemp("", "djsession-form-"); err != nil {
			return &storageError{err}
		}
		s.text = nil
		if s.size, err = io.Copy(tempFile{s.file}, io.MultiReader(bytes.NewReader(text), body)); err != nil {
			return err
		}
	}
	r.Body = replay{s.reader(), body}
	return nil
}

// reader reads what was spooled, from its start.
func (s *spool) reader() io.Reader {
	if s.file != nil {
		return io.NewSectionReader(tempFile{s.file}, 0, s.size)
	}
	return bytes.NewReader(s.text)
}

// remove removes the temporary file, if there is one.
func (s *spool) remove() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
	}
}

// storageError is an error of the temporary file: no fault of the form's.
type storageError struct{ err error }

func (e *storageError) Error() string {
	return fmt.Sprintf("csrf: a form cannot be kept in a temporary file: %v", e.err)
}

func (e *storageError) Unwrap() error { return e.err }

// tempFile is a file whose errors are storageErrors.
type tempFile struct{ file *os.File }

func (t tempFile) Write(p []byte) (int, error) {
	n, err := t.file.Write(p)
	return n, storageFault(err)
}

func (t tempFile) ReadAt(p []byte, offset int64) (int, error) {
	n, err := t.file.ReadAt(p, offset)
	return n, storageFault(err)
}

func storageFault(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &storageError{err}
}
