//go:build !linux

package load

import "time"

func SleepUntil(at time.Time) { time.Sleep(time.Until(at)) }
