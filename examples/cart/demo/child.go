package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// child is a program that this one started and is to end. It does not outlive
// this one, however that ends.
type child struct {
	name   string
	cmd    *exec.Cmd
	output *output
	exited chan struct{} // closed when it has ended; cmd.ProcessState says how
}

// spawn starts cmd. What it prints is kept, looked through for a line that
// matches ready (nil is none), and copied to echo (nil is nowhere).
func spawn(name string, cmd *exec.Cmd, ready *regexp.Regexp, echo io.Writer) (*child, error) {
	c := &child{
		name:   name,
		cmd:    cmd,
		output: &output{name: name, echo: echo, pattern: ready, ready: make(chan []string, 1)},
		exited: make(chan struct{}),
	}
	cmd.Stdout, cmd.Stderr = c.output, c.output
	cmd.SysProcAttr = childAttr()
	cmd.WaitDelay = time.Second // for whoever else holds its output open

	started := make(chan error, 1)
	go func() {
		// Linux ends the child when the thread ends that started it. Never
		// unlocked, it ends with this goroutine, which is after the child.
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(c.exited)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("%s cannot be started: %w", name, err)
	}
	return c, nil
}

// untilReady waits for the line that says that the program is ready, and returns
// what the pattern's groups matched. If that does not happen, the program is
// stopped.
func (c *child) untilReady(ctx context.Context, limit time.Duration) ([]string, error) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case groups := <-c.output.ready:
		return groups, nil
	case <-c.exited:
		return nil, c.endedEarly()
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), c.stop(time.Second))
	case <-timer.C:
		_ = c.stop(time.Second)
		return nil, fmt.Errorf("%s was not ready after %v%s", c.name, limit, c.output.tail())
	}
}

// untilDone waits for the program's end, and stops it if ctx or limit ends first.
func (c *child) untilDone(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("%s took longer than %v", c.name, limit))
	defer cancel()
	select {
	case <-c.exited:
	case <-ctx.Done():
		return errors.Join(context.Cause(ctx), c.stop(time.Second))
	}
	if !c.cmd.ProcessState.Success() {
		return c.endedEarly()
	}
	return nil
}

func (c *child) endedEarly() error {
	return fmt.Errorf("%s ended by itself: %v%s", c.name, c.cmd.ProcessState, c.output.tail())
}

// stop asks the program to end and, after grace, makes it. It is an error if the
// program had to be made to, or reports a failure.
func (c *child) stop(grace time.Duration) error {
	err := c.cmd.Process.Signal(syscall.SIGTERM)
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		grace = 0 // a system without this signal
	}
	select {
	case <-c.exited:
		if state := c.cmd.ProcessState; !state.Success() && !endedBy(state, syscall.SIGTERM) {
			return fmt.Errorf("%s: %v%s", c.name, state, c.output.tail())
		}
		return nil
	case <-time.After(grace):
	}
	_ = c.cmd.Process.Kill()
	<-c.exited
	return fmt.Errorf("%s did not end within %v and was killed", c.name, grace)
}

// endedBy reports whether a program ended by a signal.
func endedBy(state *os.ProcessState, signal syscall.Signal) bool {
	status, ok := state.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == signal
}

// output is what a program prints: its last lines.
type output struct {
	name    string
	echo    io.Writer
	pattern *regexp.Regexp
	ready   chan []string // gets the groups of the first line that matches

	mu      sync.Mutex
	partial []byte
	lines   []string
	found   bool
}

// keep is how many lines are kept.
const keep = 25

// Write takes in what the program prints, line by line.
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.partial = append(o.partial, b...)
	for {
		line, rest, ok := bytes.Cut(o.partial, []byte("\n"))
		if !ok {
			return len(b), nil
		}
		o.line(strings.TrimRight(string(line), "\r"))
		o.partial = rest
	}
}

func (o *output) line(text string) {
	if o.lines = append(o.lines, text); len(o.lines) > keep {
		o.lines = o.lines[1:]
	}
	if o.echo != nil {
		fmt.Fprintf(o.echo, "%-6s | %s\n", o.name, text)
	}
	if o.pattern == nil || o.found {
		return
	}
	if m := o.pattern.FindStringSubmatch(text); m != nil {
		o.found = true
		o.ready <- m[1:]
	}
}

// tail returns the last lines, each on a line of its own after the program's
// name.
func (o *output) tail() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var b strings.Builder
	for _, line := range append(o.lines[:len(o.lines):len(o.lines)], string(o.partial)) {
		if line != "" {
			fmt.Fprintf(&b, "\n    %-6s | %s", o.name, line)
		}
	}
	return b.String()
}
