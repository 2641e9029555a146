package managepy

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"
	"sync"
)

// answer reads up to the next line with the mark and returns the rest of that line. What
// the project itself prints before that joins what it printed on stderr.
func (p *Project) answer() ([]byte, error) {
	for {
		line, err := p.answers.ReadBytes('\n')
		if text, ours := bytes.CutPrefix(line, []byte(p.mark)); ours && err == nil {
			return text, nil
		}
		if len(bytes.TrimSpace(line)) > 0 {
			_, _ = p.stderr.Write(line)
		}
		if err != nil {
			return nil, errors.Join(err, io.ErrUnexpectedEOF)
		}
	}
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const (
	tailBytes = 16 << 10 // that a tail keeps
	shown     = 12       // lines of it in an error
	shownLine = 300      // bytes of each
)

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b[max(0, len(b)-tailBytes):]...)
	if excess := len(t.text) - tailBytes; excess > 0 {
		t.text = append(t.text[:0], t.text[excess:]...)
	}
	return len(b), nil
}

// A traceback quotes lines of settings.py.
var (
	secretValue = regexp.MustCompile(`(?i)(\w*(?:secret|passw|token|api_?key)\w*['"]?\]?\s*[=:]\s*).+`)
	urlPassword = regexp.MustCompile(`(://[^\s:/@'"]*:)[^\s'"]+@`)
)

// withoutSecrets returns a line without what it assigns to a name such as SECRET_KEY or PASSWORD,
// and without the passwords of URLs.
func withoutSecrets(line string) string {
	return urlPassword.ReplaceAllString(secretValue.ReplaceAllString(line, "${1}…"), "${1}…@")
}

// lines returns the last lines, indented, without secrets.
func (t *tail) lines() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.text)), "\n")
	lines = lines[max(0, len(lines)-shown):]
	for i, line := range lines {
		line = strings.TrimRight(line, "\r")
		if len(line) > shownLine {
			line = strings.ToValidUTF8(line[:shownLine], "") + "…"
		}
		lines[i] = "  " + withoutSecrets(line)
	}
	return strings.Join(lines, "\n")
}
