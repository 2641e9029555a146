// Package managepy speaks to a Django project through its manage.py: it runs the project's
// own Python with the project's own settings and calls functions in it.
//
// The functions are those in the directory python: each file there holds one subject, and
// adds its functions to the registry in worker.py.
package managepy

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/djsession/djsession/internal/randomstring"
	"github.com/djsession/djsession/internal/slot"
)

// Options says which project to start, and how.
type Options struct {
	// Manage is the path of the project's manage.py.
	Manage string
	// Python is the interpreter: a path, or a name on PATH. Empty is what [FindPython] finds.
	Python string
	// Env is added to this process's environment, as "NAME=value".
	Env []string
	// StartTimeout bounds how long Start waits for the project; 0 means two minutes.
	StartTimeout time.Duration
}

// Info describes a project that has started.
type Info struct {
	Django         string `json:"django"`     // version, such as "5.2.19"
	Python         string `json:"python"`     // version, such as "3.12.1"
	Executable     string `json:"executable"` // path of the interpreter
	SettingsModule string `json:"settings_module"`
}

// Project is a Python process in which a project's settings and models are loaded. It ends
// with Close, with the context of Start, or with this process. Safe for concurrent use:
// calls run one at a time.
type Project struct {
	Info Info

	cmd     *exec.Cmd
	cancel  context.CancelFunc
	stdin   io.WriteCloser
	answers *bufio.Reader
	stderr  *tail
	mark    string
	exited  chan struct{}

	turn    slot.Slot
	calls   int
	closing sync.Once
}

// ErrEnded reports that a project's process has ended: by Close, by the end of a context,
// or by itself.
var ErrEnded = errors.New("managepy: the project's Python process has ended")

// RemoteError is an exception that a call raised in Python. Its texts are Django's or the
// project's, and may quote what the call was about.
type RemoteError struct {
	Type      string `json:"type"` // such as "KeyError" or "django.db.utils.OperationalError"
	Message   string `json:"message"`
	Traceback string `json:"traceback"`
}

// Error returns the exception without the traceback.
func (e *RemoteError) Error() string { return e.Type + ": " + e.Message }

// closeGrace is how long Close waits for a process to end by itself.
const closeGrace = 5 * time.Second

// Start starts the project's Python and returns once Django is set up. The process ends
// with ctx. The error wraps [ErrNoPython] if there is no Python with Django; if the project
// does not start, it ends with what Django printed.
func Start(ctx context.Context, o Options) (*Project, error) {
	manage, err := filepath.Abs(o.Manage)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(manage); err != nil {
		return nil, fmt.Errorf("managepy: %w: pass the path of the project's manage.py", err)
	} else if info.IsDir() {
		return nil, fmt.Errorf("managepy: %s is a directory: pass the path of the manage.py in it", manage)
	}
	python := o.Python
	if python == "" {
		python, err = FindPython(ctx, filepath.Dir(manage))
	} else if python, err = exec.LookPath(python); err == nil {
		python, err = filepath.Abs(python)
	}
	if err != nil {
		return nil, err
	}
	bootstrap, hello, err := program()
	if err != nil {
		return nil, err
	}

	p := &Project{stderr: new(tail), mark: randomstring.New(32), exited: make(chan struct{})}
	life, cancel := context.WithCancel(ctx)
	p.cancel = cancel
	p.cmd = exec.CommandContext(life, python, manage, "shell", "-v", "0", "-c", bootstrap)
	p.cmd.Dir = filepath.Dir(manage)
	p.cmd.Env = append(os.Environ(), o.Env...)
	p.cmd.Stderr = p.stderr
	p.cmd.WaitDelay = closeGrace // in case a child of its own keeps stderr open
	if err := p.start(); err != nil {
		p.cancel()
		return nil, fmt.Errorf("managepy: %s: %w", python, err)
	}
	hello["mark"] = p.mark
	timeout := cmp.Or(o.StartTimeout, 2*time.Minute)
	starting, stop := context.WithTimeout(ctx, timeout)
	defer stop()
	err = p.exchange(starting, 0, hello, &p.Info)
	if err == nil {
		return p, nil
	}
	_ = p.Close()
	if starting.Err() != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("managepy: %s does not answer within %v: it may wait for input or for a server; make `manage.py check` pass there first. It printed:\n%s",
			manage, timeout, p.stderr.lines())
	}
	if !errors.Is(err, ErrEnded) {
		return nil, fmt.Errorf("managepy: starting %s: %w", manage, err)
	}
	return nil, fmt.Errorf("managepy: %s does not start with %s (%v); make `manage.py check` pass there first. It printed:\n%s",
		manage, python, p.cmd.ProcessState, p.stderr.lines())
}

func (p *Project) start() error {
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		return err
	}
	// Not StdoutPipe, which Wait closes before what is in it has been read.
	output, theirOutput, err := os.Pipe()
	if err != nil {
		return err
	}
	defer theirOutput.Close()
	p.cmd.Stdout = theirOutput
	p.stdin, p.answers = stdin, bufio.NewReaderSize(output, 64<<10)
	if err := p.cmd.Start(); err != nil {
		_ = output.Close()
		return err
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is in ProcessState
		close(p.exited)
	}()
	// The end of the process ends its output, unless a child of it has kept it open.
	go func() {
		<-p.exited
		time.AfterFunc(closeGrace, func() { _ = output.Close() })
	}()
	return nil
}

// Call calls a function in the project's Python with args, a JSON object of its arguments
// or nil, and decodes what it returns into result, unless that is nil. An exception is a
// [*RemoteError]. If ctx ends during the call the process is killed, and later calls return
// [ErrEnded].
func (p *Project) Call(ctx context.Context, method string, args, result any) error {
	if err := p.turn.Take(ctx, 0, ""); err != nil {
		return err
	}
	defer p.turn.Release()
	if err := ctx.Err(); err != nil {
		return err // and the process lives on
	}
	p.calls++
	request := map[string]any{"id": p.calls, "method": method, "args": args}
	if err := p.exchange(ctx, p.calls, request, result); err != nil {
		return fmt.Errorf("managepy: %s: %w", method, err)
	}
	return nil
}

// exchange sends a line and reads the answer to it.
func (p *Project) exchange(ctx context.Context, id int, request, result any) error {
	line, err := json.Marshal(request)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, p.cancel)
	defer stop()
	// If the process has ended, the answer's absence says so.
	_, _ = p.stdin.Write(append(line, '\n'))
	text, err := p.answer()
	if ctx.Err() != nil && err != nil {
		return ctx.Err()
	}
	if err != nil {
		p.end()
		return fmt.Errorf("%w: %v", ErrEnded, p.cmd.ProcessState)
	}
	return ReadAnswer(text, id, result)
}

// ReadAnswer reads the answer to the call with this id into result. An exception is a
// *RemoteError.
func ReadAnswer(text []byte, id int, result any) error {
	answer := struct {
		ID     int          `json:"id"`
		Result any          `json:"result"` // into which it is read
		Error  *RemoteError `json:"error"`
	}{ID: -1, Result: result}
	if err := json.Unmarshal(text, &answer); err != nil {
		return err
	}
	if answer.ID != id {
		return fmt.Errorf("answer %d to call %d", answer.ID, id)
	}
	if answer.Error != nil {
		return answer.Error
	}
	return nil
}

// Close ends the process and waits for it. A second call does nothing.
func (p *Project) Close() error {
	p.closing.Do(func() {
		_ = p.stdin.Close() // the end of its input ends the process
		p.end()
	})
	return nil
}

// end waits for the process to end by itself, and kills it if it does not.
func (p *Project) end() {
	select {
	case <-p.exited:
	case <-time.After(closeGrace):
	}
	p.cancel()
	<-p.exited
}

// Ended is closed when the process has ended.
func (p *Project) Ended() <-chan struct{} { return p.exited }
