package testenv

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// freeze stops the program and then its children: PostgreSQL has one for each connection.
// It returns when none of them runs any more, so that no more children can come.
func (p *process) freeze() error {
	if err := p.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	if err := waitForState(p.cmd.Process.Pid, "T"); err != nil {
		return err
	}
	return p.children(syscall.SIGSTOP, "T")
}

// thaw undoes freeze.
func (p *process) thaw() error {
	return errors.Join(p.children(syscall.SIGCONT, ""), p.signal(syscall.SIGCONT))
}

// kill ends the program and its children by SIGKILL and returns when all are gone. The
// program is stopped first: it has no more children then, and does not reap those it has,
// so that their process ids stay theirs.
func (p *process) kill() error {
	if !p.running() {
		return nil
	}
	err := p.signal(syscall.SIGSTOP)
	if err == nil {
		err = waitForState(p.cmd.Process.Pid, "T")
	}
	if err == nil {
		err = p.children(syscall.SIGKILL, "Z")
	}
	err = errors.Join(err, p.signal(syscall.SIGKILL))
	<-p.exited
	return err
}

// children sends all children of the program a signal, and waits until they are in a
// state, unless that is "".
func (p *process) children(sig syscall.Signal, state string) error {
	children, err := childrenOf(p.cmd.Process.Pid)
	if err != nil {
		return err
	}
	for _, pid := range children {
		if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("signal %v to a child of %s: %w", sig, p.cmd.Path, err)
		}
	}
	for _, pid := range children {
		if state != "" {
			if err := waitForState(pid, state); err != nil {
				return err
			}
		}
	}
	return nil
}

func childrenOf(parent int) (children []int, err error) {
	processes, err := filepath.Glob("/proc/[0-9]*")
	for _, dir := range processes {
		pid, _ := strconv.Atoi(filepath.Base(dir))
		if fields := stat(pid); len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			children = append(children, pid)
		}
	}
	return children, err
}

// waitForState returns once a process is in a state, as /proc/PID/stat has it, or has ended.
func waitForState(pid int, state string) error {
	const most = 10 * time.Second
	for start := time.Now(); ; time.Sleep(time.Millisecond) {
		if fields := stat(pid); len(fields) == 0 || strings.Contains(state+"ZX", fields[0]) {
			return nil
		}
		if time.Since(start) > most {
			return fmt.Errorf("process %d did not stop within %v", pid, most)
		}
	}
}

// stat returns the fields of /proc/PID/stat from the state on, which the parent's id
// follows, and none for a process that is gone.
func stat(pid int) []string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	_, fields, _ := strings.Cut(string(text[strings.LastIndex(string(text), ")"):]), " ")
	return strings.Fields(fields)
}
