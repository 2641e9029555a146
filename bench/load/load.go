// Package load sends HTTP/1.1 requests over loopback and checks every response: as fast as
// the server answers ([Closed]), or at a constant rate ([Open]).
//
// It costs little processor time, because it shares the machine with what it measures: the
// requests are made beforehand, and of a response it reads the status, Content-Length and
// Connection.
package load

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// timeout bounds the time for one response.
const timeout = 30 * time.Second

// Request is one request and what its response has to be.
type Request struct {
	Text  []byte                              // the whole request
	Check func(status int, body []byte) error // body is valid during the call
}

// Closed sends the requests of each element of connections in rotation, over a connection of
// their own, each as soon as the previous one was answered. It calls begin after a time of
// warming up, and end after d more, and returns how many requests were answered in between.
func Closed(ctx context.Context, addr string, connections [][]Request, warm, d time.Duration, begin, end func()) (int, error) {
	var answered atomic.Int64
	var counting, ended atomic.Bool
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	wait := each(cancel, connections, func(requests []Request) error {
		c := &conn{addr: addr}
		defer c.close()
		for i := 0; !ended.Load() && running.Err() == nil; i++ {
			if err := c.do(&requests[i%len(requests)]); err != nil {
				return err
			}
			if counting.Load() {
				answered.Add(1)
			}
		}
		return nil
	})
	pause(running, warm)
	begin()
	counting.Store(true)
	pause(running, d)
	counting.Store(false)
	n := answered.Load()
	end()
	ended.Store(true)
	return int(n), errors.Join(wait(), context.Cause(ctx))
}

// Open sends rate requests a second for a duration, and returns how long each took from the
// instant at which it was due, whether or not it could be sent then: if all connections are
// waiting for responses, the requests that become due meanwhile wait too, and that counts.
func Open(ctx context.Context, addr string, connections [][]Request, rate float64, d time.Duration) ([]time.Duration, error) {
	total := int(rate * d.Seconds())
	due := make(chan time.Time, total) // has room for all: sending never waits
	took := make([]time.Duration, total)
	var done atomic.Int64
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	wait := each(cancel, connections, func(requests []Request) error {
		c := &conn{addr: addr}
		defer c.close()
		if err := c.dial(); err != nil {
			return err
		}
		i := 0
		for at := range due {
			if err := c.do(&requests[i%len(requests)]); err != nil {
				return err
			}
			took[done.Add(1)-1] = time.Since(at)
			i++
		}
		return nil
	})
	start := time.Now().Add(10 * time.Millisecond)
	for i := 0; i < total && running.Err() == nil; i++ {
		at := start.Add(time.Duration(float64(i) / rate * float64(time.Second)))
		SleepUntil(at)
		due <- at
	}
	close(due)
	err := errors.Join(wait(), context.Cause(ctx))
	return took[:done.Load()], err
}

// each runs f for each connection, calls cancel after the first error, and returns a
// function that waits for all of them and returns that error.
func each(cancel func(), connections [][]Request, f func([]Request) error) (wait func() error) {
	var group sync.WaitGroup
	var once sync.Once
	var first error
	for _, requests := range connections {
		group.Go(func() {
			if err := f(requests); err != nil {
				once.Do(func() { first = err })
				cancel()
			}
		})
	}
	return func() error {
		group.Wait()
		return first
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
