package csrf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// maxSpoolMemory is how many bytes of a multipart form stay in memory. Django's
// FILE_UPLOAD_MAX_MEMORY_SIZE.
const maxSpoolMemory = 2621440

// errStorage is wrapped by errors of a spool, for which the form is not to blame.
var errStorage = errors.New("csrf: a form cannot be kept in a temporary file")

// A spool keeps what is written to it, the first bytes in memory and the rest in a
// temporary file.
type spool struct {
	memory bytes.Buffer
	length int64 // of the body, unless unknown
	file   *os.File
}

// Write implements io.Writer.
func (s *spool) Write(b []byte) (n int, err error) {
	if s.file == nil && s.memory.Len()+len(b) <= maxSpoolMemory {
		// Not before a part of the body has arrived: the length is only what the client claims.
		if rest := int(min(s.length, maxSpoolMemory)) - s.memory.Len(); rest > 0 && s.memory.Len() > maxSpoolMemory/20 {
			s.memory.Grow(rest)
		}
		return s.memory.Write(b)
	}
	if s.file == nil {
		if s.file, err = os.CreateTemp("", "djsession-form-"); err != nil {
			return 0, fmt.Errorf("%w: %w", errStorage, err)
		}
	}
	if n, err = s.file.Write(b); err != nil {
		err = fmt.Errorf("%w: %w", errStorage, err)
	}
	return n, err
}

// reader reads what was written, from its start, once.
func (s *spool) reader() io.Reader {
	if s.file == nil {
		return &s.memory
	}
	return io.MultiReader(&s.memory, io.NewSectionReader(s.file, 0, math.MaxInt64))
}

// remove removes the temporary file, if there is one; s may be nil.
func (s *spool) remove() {
	if s != nil && s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
	}
}
