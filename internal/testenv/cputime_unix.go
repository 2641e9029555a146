//go:build unix

package testenv

import (
	"syscall"
	"time"
)

// CPUTime returns how long this process has computed, in all threads: on a busy machine a test
// takes longer, but computes as long.
func CPUTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // only for bad arguments
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
