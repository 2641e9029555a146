package csrf

import (
	"bytes"
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

// fill reads the body of r and puts it back.
func (s *spool) fill(r *http.Request) error {
	body := r.Body
	text, err := io.ReadAll(io.LimitReader(body, maxSpoolMemory+1))
	if err != nil {
		return err
	}
	s.text, s.size = text, int64(len(text))
	if s.size > maxSpoolMemory {
		if s.file, err = os.CreateTemp("", "djsession-form-"); err != nil {
			return err
		}
		s.text = nil
		if s.size, err = io.Copy(s.file, io.MultiReader(bytes.NewReader(text), body)); err != nil {
			return err
		}
	}
	r.Body = replay{s.reader(), body}
	return nil
}

// reader reads what was spooled, from its start.
func (s *spool) reader() io.Reader {
	if s.file != nil {
		return io.NewSectionReader(s.file, 0, s.size)
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
