package requests

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

func endWithParent(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} }

// cpu returns the processor time that the server has used so far, with its workers.
func (p *process) cpu() (time.Duration, error) {
	pid := p.cmd.Process.Pid
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return 0, err
	}
	total := time.Duration(0)
	for _, field := range append(strings.Fields(string(text)), strconv.Itoa(pid)) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			return 0, err
		}
		var t unix.Timespec
		// The clock of a process: clock_getcpuclockid(3). The ticks in its stat are too coarse.
		if err := unix.ClockGettime(int32(^pid<<3|2), &t); err != nil {
			return 0, fmt.Errorf("processor time of process %d: %w", pid, err)
		}
		total += time.Duration(t.Nano())
	}
	return total, nil
}
