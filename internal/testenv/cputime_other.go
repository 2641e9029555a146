//go:build !unix

package testenv

import "time"

var started = time.Now()

// CPUTime returns for how long this process has run: how long it computed is not known here.
func CPUTime() time.Duration { return time.Since(started) }
