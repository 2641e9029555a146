package testenv

import (
	"bytes"
	"fmt"
	"os"
	"sync"
)

// LogsVariable is the environment variable with a directory to which everything written to
// a Log is copied, for tools/leaks.
const LogsVariable = "DJSESSION_LOGS"

// kept is the file for this process's logs, nil if they are not kept.
var kept = sync.OnceValue(func() *os.File {
	dir := os.Getenv(LogsVariable)
	if dir == "" {
		return nil
	}
	file, err := os.CreateTemp(dir, "logged-")
	if err != nil {
		panic(fmt.Sprintf("%s: %v", LogsVariable, err))
	}
	return file
})

// Log is a log that several goroutines write to.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	if file := kept(); file != nil {
		if _, err := file.Write(p); err != nil {
			return 0, err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String returns what was written.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Take returns what was written, and clears the log.
func (l *Log) Take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return l.text.String()
}
