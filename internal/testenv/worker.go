package testenv

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/managepy"
)

// callTimeout bounds one call to a worker; the longest migrate or write thousands of rows.
const callTimeout = 3 * time.Minute

// Config says how a worker's Django is configured.
type Config struct {
	// Database is that of DATABASES["default"]; nil is a SQLite database in memory.
	Database *Database
	// DatabaseFields are added to that entry, such as TIME_ZONE.
	DatabaseFields map[string]any
	// Settings are Django's, by their names. SECRET_KEY and what a Django must have are there
	// already; everything else has that Django's own default.
	Settings map[string]any
}

// Worker is a Python process with a configured Django that answers calls, one at a time.
// Its methods may be called by several goroutines.
type Worker struct {
	Django Django
	// USE_TZ and TIME_ZONE, as that Django has them.
	UseTZ    bool
	TimeZone string

	process *process
	dir     string
	stdin   io.WriteCloser
	answers *bufio.Reader
	mu      sync.Mutex
	calls   int
	closing sync.Once
	closed  error
}

// Start starts a worker for one test. If the Django is missing, the test is skipped, or
// fails if the Django is required.
func (d Django) Start(t testing.TB, config Config) *Worker {
	t.Helper()
	d.Executable(t) // ends the test where it is missing
	w, err := d.StartWorker(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if log := w.process.logTail(); t.Failed() && log != "" {
			t.Logf("%s said:\n%s", d, log)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// StartWorker is Start outside of a test. The caller closes the worker.
func (d Django) StartWorker(config Config) (*Worker, error) {
	if d.Missing != "" {
		return nil, d.absence()
	}
	dir, err := os.MkdirTemp("", "djsession-worker-")
	if err != nil {
		return nil, err
	}
	w := &Worker{Django: d, dir: dir}
	if err := w.start(config); err != nil {
		if w.process != nil {
			_ = w.process.stop(syscall.SIGKILL, time.Second)
			err = fmt.Errorf("%w\n%s", err, w.process.logTail())
		}
		_ = os.RemoveAll(dir)
		return nil, fmt.Errorf("starting %s: %w", d, err)
	}
	return w, nil
}

func (w *Worker) start(config Config) error {
	root, err := ModuleRoot()
	if err != nil {
		return err
	}
	theirInput, input, err := os.Pipe()
	if err != nil {
		return err
	}
	defer theirInput.Close()
	output, theirOutput, err := os.Pipe()
	if err != nil {
		_ = input.Close()
		return err
	}
	defer theirOutput.Close()
	w.stdin, w.answers = input, bufio.NewReaderSize(output, 64<<10)

	// From the source, beside which Python keeps what it compiles for the next worker.
	cmd := exec.Command(w.Django.Python, "-E", "-s", filepath.Join(root, "internal", "testenv", "python", "worker.py"))
	cmd.Dir, cmd.Stdin, cmd.Stdout = w.dir, theirInput, theirOutput
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "LC_ALL=C.UTF-8"}
	cmd.SysProcAttr = sysProcAttr(account{}, syscall.SIGKILL)
	if w.process, err = startCommand(cmd, filepath.Join(w.dir, "stderr.log")); err != nil {
		return err
	}

	configuration := map[string]any{"settings": config.Settings, "packages": filepath.Join(root, "python")}
	if config.Database != nil {
		configuration["database"] = config.Database.Django(config.DatabaseFields)
	}
	var info struct {
		Django   string `json:"django"`
		UseTZ    bool   `json:"use_tz"`
		TimeZone string `json:"time_zone"`
	}
	if err := w.exchange(0, configuration, &info); err != nil {
		return err
	}
	if info.Django != w.Django.Version {
		return fmt.Errorf("its environment holds Django %s, not %s: run tools/setup again", info.Django, w.Django.Version)
	}
	w.UseTZ, w.TimeZone = info.UseTZ, info.TimeZone
	return nil
}

// Call calls one of the methods in python/methods.py. An exception is returned as a
// *managepy.RemoteError. A nil result is ignored.
func (w *Worker) Call(method string, args, result any) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	err := w.exchange(w.calls, map[string]any{"id": w.calls, "method": method, "args": args}, result)
	if err != nil {
		return fmt.Errorf("%s, %s: %w", w.Django, method, err)
	}
	return nil
}

func (w *Worker) exchange(id int, request, result any) error {
	line, err := json.Marshal(request)
	if err != nil {
		return err
	}
	var late atomic.Bool
	timer := time.AfterFunc(callTimeout, func() {
		late.Store(true)
		_ = w.process.cmd.Process.Kill()
	})
	defer timer.Stop()
	if _, err := w.stdin.Write(append(toASCII(line), '\n')); err != nil {
		return fmt.Errorf("the worker takes no calls: %w\n%s", err, w.process.logTail())
	}
	line, err = w.answers.ReadBytes('\n')
	if late.Load() {
		return fmt.Errorf("no answer within %v", callTimeout)
	}
	if err != nil {
		return fmt.Errorf("the worker ended: %w\n%s", err, w.process.logTail())
	}
	return managepy.ReadAnswer(line, id, result)
}

// toASCII escapes what is not ASCII in a JSON document, so that no setting of the
// machine's can change it on its way.
func toASCII(document []byte) []byte {
	ascii := make([]byte, 0, len(document))
	for _, r := range string(document) {
		switch {
		case r < 0x80:
			ascii = append(ascii, byte(r))
		case r < 0x10000:
			ascii = fmt.Appendf(ascii, `\u%04x`, r)
		default:
			ascii = fmt.Appendf(ascii, `\u%04x\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		}
	}
	return ascii
}

// Close ends the process. Later calls return the result of the first.
func (w *Worker) Close() error {
	w.closing.Do(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		_ = w.stdin.Close() // the end of its input ends the worker
		select {
		case <-w.process.exited:
		case <-time.After(stopGrace):
			w.closed = w.process.stop(syscall.SIGKILL, time.Second)
		}
		w.closed = errors.Join(w.closed, os.RemoveAll(w.dir))
	})
	return w.closed
}
