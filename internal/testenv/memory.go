package testenv

import (
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// PeakAboveIdle runs f, and returns the largest increase of this process's memory, in
// bytes.
func PeakAboveIdle(f func()) int64 {
	debug.FreeOSMemory()
	idle := memory()
	stop, peak := make(chan struct{}), make(chan int64)
	go func() {
		for most := idle; ; {
			select {
			case <-stop:
				peak <- most
				return
			case <-time.After(500 * time.Microsecond):
				most = max(most, memory())
			}
		}
	}()
	f()
	close(stop)
	return <-peak - idle
}

func memory() int64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64() - s[1].Value.Uint64())
}
