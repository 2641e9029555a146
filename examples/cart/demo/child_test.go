package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

var readyAt = regexp.MustCompile(`^ready at (\w+)$`)

// play starts the test binary in one of the parts of TestMain.
func play(t *testing.T, part string, echo *bytes.Buffer) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "DEMO_TEST_PART="+part)
	var c *child
	if echo == nil {
		c, err = spawn(part, cmd, readyAt, nil)
	} else {
		c, err = spawn(part, cmd, readyAt, echo)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return c
}

func (c *child) hasEnded() bool {
	select {
	case <-c.exited:
		return true
	default:
		return false
	}
}

func TestChildServes(t *testing.T) {
	var echo bytes.Buffer
	c := play(t, "serve", &echo)
	groups, err := c.untilReady(t.Context(), time.Minute)
	if err != nil || len(groups) != 1 || groups[0] != "here" {
		t.Fatalf("ready: %q, %v", groups, err)
	}
	if c.hasEnded() {
		t.Fatal("it has ended already")
	}
	if err := c.stop(time.Minute); err != nil || !c.hasEnded() {
		t.Errorf("stop: %v, ended %v", err, c.hasEnded())
	}
	if got, want := echo.String(), "serve  | hello\nserve  | ready at here\n"; got != want {
		t.Errorf("echo %q, want %q", got, want)
	}
}

func TestChildThatEndsTooSoon(t *testing.T) {
	_, err := play(t, "fail", nil).untilReady(t.Context(), time.Minute)
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "fail   | the reason") {
		t.Errorf("%v; want the status and what the program said", err)
	}
}

func TestChildThatIsNeverReady(t *testing.T) {
	c := play(t, "silent", nil)
	if _, err := c.untilReady(t.Context(), 50*time.Millisecond); err == nil || !strings.Contains(err.Error(), "not ready") {
		t.Errorf("error %v", err)
	}
	if !c.hasEnded() {
		t.Error("it was left running")
	}
}

func TestChildWhenInterrupted(t *testing.T) {
	for name, wait := range map[string]func(*child, context.Context) error{
		"until ready": func(c *child, ctx context.Context) error {
			_, err := c.untilReady(ctx, time.Minute)
			return err
		},
		"until done": func(c *child, ctx context.Context) error { return c.untilDone(ctx, time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			c := play(t, "silent", nil)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := wait(c, ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("error %v, want context.Canceled", err)
			}
			if !c.hasEnded() {
				t.Error("it was left running")
			}
		})
	}
}

func TestChildThatDoesNotEnd(t *testing.T) {
	c := play(t, "stubborn", nil)
	if _, err := c.untilReady(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := c.stop(50 * time.Millisecond); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("error %v, want one that says that it was killed", err)
	}
	if !c.hasEnded() {
		t.Error("it was left running")
	}
}

func TestChildThatFailsAtTheEnd(t *testing.T) {
	c := play(t, "fail at the end", nil)
	if _, err := c.untilReady(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := c.stop(time.Minute); err == nil || !strings.Contains(err.Error(), "exit status 4") {
		t.Errorf("error %v, want its exit status", err)
	}
}

func TestChildThatDoesItsWork(t *testing.T) {
	c := play(t, "print and end", nil)
	if err := c.untilDone(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	select {
	case groups := <-c.output.ready:
		if groups[0] != "here" {
			t.Errorf("it said %q", groups)
		}
	default:
		t.Error("what it said was lost")
	}
	if err := c.stop(time.Second); err != nil {
		t.Errorf("stop after the end: %v", err)
	}
	if err := play(t, "fail", nil).untilDone(t.Context(), time.Minute); err == nil {
		t.Error("a failure counts as done")
	}
	slow := play(t, "silent", nil)
	if err := slow.untilDone(t.Context(), 50*time.Millisecond); err == nil || !slow.hasEnded() {
		t.Errorf("error %v, ended %v; want an error and no program left", err, slow.hasEnded())
	}
}

func TestOutputKeepsTheLastLines(t *testing.T) {
	o := &output{name: "x"}
	for range 100 {
		if _, err := o.Write([]byte("old\nli")); err != nil {
			t.Fatal(err)
		}
		if _, err := o.Write([]byte("ne\r\n")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.Write([]byte("unfinished")); err != nil {
		t.Fatal(err)
	}
	tail := strings.Split(strings.TrimPrefix(o.tail(), "\n"), "\n")
	if len(tail) != keep+1 || tail[keep-1] != "    x      | line" || tail[keep] != "    x      | unfinished" {
		t.Errorf("%d lines, the last %q", len(tail), tail[len(tail)-2:])
	}
}
