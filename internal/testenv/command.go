package testenv

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"
)

// Start starts a command that ends with the test, or with this process should that come
// first. It returns once the command's output matches ready, with what matched as of
// [regexp.Regexp.FindStringSubmatch]. A test that fails logs the end of the output.
func Start(t testing.TB, cmd *exec.Cmd, ready *regexp.Regexp) []string {
	t.Helper()
	logPath := filepath.Join(t.TempDir(), "output.log")
	cmd.SysProcAttr = sysProcAttr(account{}, syscall.SIGTERM)
	p, err := startCommand(cmd, logPath)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.stop(syscall.SIGTERM, stopGrace); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("%s:\n%s", cmd, p.logTail())
		}
	})
	for {
		running := p.running() // asked before the output is read
		text, err := os.ReadFile(logPath)
		if err != nil {
			t.Fatal(err)
		}
		if match := ready.FindStringSubmatch(string(text)); match != nil {
			return match
		}
		if !running {
			t.Fatalf("%s ended: %v", cmd, cmd.ProcessState)
		}
		select {
		case <-p.exited:
		case <-time.After(20 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatalf("%s is not ready", cmd)
		}
	}
}
