package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is a pseudo-terminal. What a program on it writes comes out of its
// master, and what is written to that is typed.
type terminal struct {
	t           *testing.T
	master, tty *os.File
	shown       bytes.Buffer
}

func newTerminal(t *testing.T) *terminal {
	t.Helper()
	// Not blocking, so that a read can have a deadline.
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	master := os.NewFile(uintptr(fd), "master")
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tty.Close() })
	return &terminal{t: t, master: master, tty: tty}
}

// echoes reports whether the terminal shows what is typed.
func (p *terminal) echoes() bool {
	p.t.Helper()
	state, err := unix.IoctlGetTermios(int(p.tty.Fd()), unix.TCGETS)
	if err != nil {
		p.t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// waitFor reads what is shown until it holds text.
func (p *terminal) waitFor(text string) {
	p.t.Helper()
	if err := p.master.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		p.t.Fatal(err)
	}
	buffer := make([]byte, 1024)
	for !strings.Contains(p.shown.String(), text) {
		n, err := p.master.Read(buffer)
		p.shown.Write(buffer[:n])
		if err != nil {
			p.t.Fatalf("the terminal shows %q, want %q: %v", p.shown.String(), text, err)
		}
	}
}

func (p *terminal) enter(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.master, text); err != nil {
		p.t.Fatal(err)
	}
}

// login starts "djsession login ann" on the terminal, and waits until it asks for
// the password.
func (p *terminal) login(c *cli) (cmd *exec.Cmd, stdout *bytes.Buffer) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), time.Minute)
	p.t.Cleanup(cancel)
	cmd = exec.CommandContext(ctx, os.Args[0], "login", "ann")
	cmd.Env = append(os.Environ(), asCommand+"=1")
	for name, value := range c.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	stdout = new(bytes.Buffer)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = p.tty, stdout, p.tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.waitFor("Password: ")
	for p.echoes() { // the command turns it off next
		if ctx.Err() != nil {
			p.t.Fatal("the terminal shows the password")
		}
	}
	return cmd, stdout
}

// Ctrl-C at the prompt ends the command at once, and the terminal shows again what
// is typed; so does a signal from elsewhere.
func TestInterruptedPrompt(t *testing.T) {
	c := newUsers(t)
	// Under nohup the command would inherit that the signal is ignored.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	for name, test := range map[string]struct {
		interrupt func(p *terminal, cmd *exec.Cmd)
		status    int
	}{
		"Ctrl-C":            {func(p *terminal, _ *exec.Cmd) { p.enter("\x03") }, 130},
		"Ctrl-C when typed": {func(p *terminal, _ *exec.Cmd) { p.enter("corr\x03") }, 130},
		`Ctrl-\`:            {func(p *terminal, _ *exec.Cmd) { p.enter("\x1c") }, 131},
		"hung up":           {func(_ *terminal, cmd *exec.Cmd) { _ = cmd.Process.Signal(syscall.SIGHUP) }, 129},
		"SIGTERM":           {func(_ *terminal, cmd *exec.Cmd) { _ = cmd.Process.Signal(syscall.SIGTERM) }, 143},
	} {
		t.Run(name, func(t *testing.T) {
			p := newTerminal(t)
			cmd, stdout := p.login(c)
			test.interrupt(p, cmd)
			err := cmd.Wait()
			if status := cmd.ProcessState.ExitCode(); status != test.status {
				t.Errorf("exit status %d, want %d: %v", status, test.status, err)
			}
			if !p.echoes() {
				t.Error("the terminal is left without echo")
			}
			p.waitFor("djsession: interrupted")
			if shown := p.shown.String(); strings.Contains(shown, "corr") || stdout.Len() > 0 {
				t.Errorf("the terminal shows %q, stdout %q", shown, stdout)
			}
		})
	}
}

// A password that is typed is not shown.
func TestPrompt(t *testing.T) {
	c := newUsers(t)
	p := newTerminal(t)
	cmd, stdout := p.login(c)
	p.enter(annPassword + "\n")
	if err := cmd.Wait(); err != nil {
		p.waitFor("djsession: ")
		t.Fatalf("%v: %s", err, p.shown.String())
	}
	if !p.echoes() {
		t.Error("the terminal is left without echo")
	}
	c.ok("whoami", strings.TrimSpace(stdout.String()))
	p.waitFor("Password: \r\n")
	if shown := p.shown.String(); shown != "Password: \r\n" {
		t.Errorf("the terminal shows %q", shown)
	}
}
