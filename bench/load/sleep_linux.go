package load

import (
	"time"

	"golang.org/x/sys/unix"
)

// SleepUntil returns at an instant. It blocks a thread, because the runtime wakes an idle goroutine up to a millisecond
// late.
func SleepUntil(at time.Time) {
	for d := time.Until(at); d > 0; d = time.Until(at) {
		t := unix.NsecToTimespec(int64(d))
		_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &t, nil)
	}
}
