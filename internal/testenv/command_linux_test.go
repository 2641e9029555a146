package testenv

import (
	"fmt"
	"os/exec"
	"regexp"
	"syscall"
	"testing"
)

// TestStart: a command runs until its test ends.
func TestStart(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("needs sh, which this machine lacks")
	}
	var pid int
	t.Run("until the test ends", func(t *testing.T) {
		match := Start(t, exec.Command("sh", "-c", "echo pid $$; exec sleep 600"), regexp.MustCompile(`pid (\d+)\n`))
		if _, err := fmt.Sscan(match[1], &pid); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(pid, 0); err != nil {
			t.Errorf("it does not run: %v", err)
		}
	})
	if err := syscall.Kill(pid, 0); err == nil {
		t.Error("it still runs after its test")
	}
}
