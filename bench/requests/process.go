package requests

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// process is a server that this process started, and ends by its process id.
type process struct {
	addr   string
	cmd    *exec.Cmd
	log    string // path
	exited chan struct{}
}

// start starts a server, which gets a listener on loopback as its file 3.
func start(dir, name string, cmd *exec.Cmd) (*process, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer listener.Close() // the server has its own
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	p := &process{addr: listener.Addr().String(), cmd: cmd, log: filepath.Join(dir, fileName(name)+".log"), exited: make(chan struct{})}
	log, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd.ExtraFiles, cmd.Stdout, cmd.Stderr = []*os.File{file}, log, log
	endWithParent(cmd)
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the server ends with the thread that started it
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is in ProcessState
			close(p.exited)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// stop tells the server to end, and waits.
func (p *process) stop() error {
	select {
	case <-p.exited:
		return fmt.Errorf("%s has ended by itself: %v\n%s", p.cmd.Path, p.cmd.ProcessState, p.said())
	default:
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.exited:
		return nil
	case <-time.After(20 * time.Second):
	}
	_ = p.cmd.Process.Kill()
	<-p.exited
	return fmt.Errorf("%s had to be killed", p.cmd.Path)
}

// said returns the end of what the server has written.
func (p *process) said() string {
	text, _ := os.ReadFile(p.log)
	return strings.TrimSpace(string(text[max(0, len(text)-4096):]))
}

func fileName(name string) string {
	return strings.NewReplacer("/", "-", " ", "-", ",", "").Replace(name)
}
