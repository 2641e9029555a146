package testenv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// process is a program that this one started, and ends by its own process id.
type process struct {
	cmd     *exec.Cmd
	logPath string
	exited  chan struct{} // closed once the program has ended
}

// account is whom a program runs as: nobody in particular when this process is root,
// since the servers refuse to run as root; else this process's own user.
type account struct {
	name     string
	uid, gid uint32
	switched bool
}

// startProcess starts argv with its output going to a log file. The kernel sends it
// deathSignal should this process die without ending it.
func startProcess(as account, dir, logPath string, deathSignal syscall.Signal, argv ...string) (*process, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "LC_ALL=C.UTF-8", "USER=" + as.name}
	cmd.SysProcAttr = sysProcAttr(as, deathSignal)
	return startCommand(cmd, logPath)
}

// startCommand starts a command. Its standard error goes to a log file, and its standard
// output, too, unless the command already says where to.
func startCommand(cmd *exec.Cmd, logPath string) (*process, error) {
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd.Stderr = log
	if cmd.Stdout == nil {
		cmd.Stdout = log
	}
	p := &process{cmd: cmd, logPath: logPath, exited: make(chan struct{})}
	if err := p.start(); err != nil {
		return nil, err
	}
	return p, nil
}

// start starts the program and reaps it when it ends. The death signal fires when the
// thread that started the program ends, so that thread is held until then.
func (p *process) start() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // how it ended is in ProcessState
			close(p.exited)
		}
	}()
	return <-started
}

// signal is Process.Signal, to which a program that has ended is no error.
func (p *process) signal(sig syscall.Signal) error {
	if err := p.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

// running reports whether the program has not ended yet.
func (p *process) running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// stop asks the program to end, and kills it if it has not within the grace.
func (p *process) stop(ask syscall.Signal, grace time.Duration) error {
	if err := p.signal(ask); err != nil {
		return err
	}
	select {
	case <-p.exited:
		return nil
	case <-time.After(grace):
	}
	if err := p.signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-p.exited
	return fmt.Errorf("%s had to be killed: it did not end within %v", p.cmd.Path, grace)
}

// logTail returns the last lines of the program's output.
func (p *process) logTail() string { return tailOf(p.logPath) }

func tailOf(path string) string {
	const most = 8 << 10
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	if size, err := file.Seek(0, io.SeekEnd); err == nil {
		_, _ = file.Seek(max(0, size-most), io.SeekStart)
	}
	text, _ := io.ReadAll(file)
	return strings.TrimSpace(string(text))
}

// runTool runs a program to its end, and returns its output with the error if it fails.
func runTool(ctx context.Context, as account, dir string, argv ...string) error {
	logPath := dir + "/setup.log"
	p, err := startProcess(as, dir, logPath, syscall.SIGKILL, argv...)
	if err != nil {
		return err
	}
	select {
	case <-p.exited:
	case <-ctx.Done():
		_ = p.stop(syscall.SIGKILL, time.Second)
		return ctx.Err()
	}
	if !p.cmd.ProcessState.Success() {
		return fmt.Errorf("%s: %v\n%s", argv[0], p.cmd.ProcessState, p.logTail())
	}
	return nil
}
