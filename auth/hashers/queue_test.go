package hashers

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// slow are hashes that end when they are told to.
type slow struct {
	started, finish chan struct{}
	running, bound  atomic.Int32
	exceeded        atomic.Bool
}

func (s *slow) run() {
	if s.running.Add(1) > s.bound.Load() {
		s.exceeded.Store(true)
	}
	s.started <- struct{}{}
	<-s.finish
	s.running.Add(-1)
}

func slowHashers(t *testing.T, concurrent, queue int) (*Hashers, *slow) {
	h := mustNew(t, Options{Concurrent: concurrent, Queue: queue})
	s := &slow{started: make(chan struct{}, 100), finish: make(chan struct{})}
	s.bound.Store(int32(concurrent))
	hash := &stored{matches: func(password string) (bool, error) { s.run(); return password == testPassword, nil }}
	h.preferred, h.byAlgorithm = "slow", map[string]*hasher{"slow": {
		encode: func(string) (string, error) { s.run(); return "slow$", nil },
		decode: func(string) (*stored, error) { return hash, nil },
	}}
	return h, s
}

func TestConcurrentHashesAreBounded(t *testing.T) {
	const bound, callers = 3, 20
	h, s := slowHashers(t, bound, 0)
	errs := make(chan error, callers)
	for i := range callers {
		go func() {
			var err error
			switch i % 3 {
			case 0:
				_, err = h.Make(t.Context(), testPassword)
			case 1:
				err = spend(t.Context(), h, testPassword)
			default:
				var result Result
				if result, err = h.Check(t.Context(), testPassword, "slow$"); err == nil && !result.OK {
					err = errors.New("no match")
				}
			}
			errs <- err
		}()
	}
	for range bound {
		<-s.started
	}
	waitUntil(func() bool { return len(h.admitted) == callers })
	if len(s.started) > 0 {
		t.Fatal("more than the bound have started")
	}
	close(s.finish)
	for range callers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if s.exceeded.Load() {
		t.Error("more than the bound ran at once")
	}
}

// waitUntil waits for what another goroutine is about to do.
func waitUntil(done func() bool) {
	for !done() {
		runtime.Gosched()
	}
}

// TestQueueIsBounded: who finds the queue full does not wait, and whoever gave up leaves
// room for another.
func TestQueueIsBounded(t *testing.T) {
	h, s := slowHashers(t, 1, 2)
	errs := make(chan error, 10)
	start := func(ctx context.Context) { go func() { errs <- spend(ctx, h, testPassword) }() }
	start(t.Context())
	<-s.started
	impatient, giveUp := context.WithCancel(t.Context())
	start(t.Context())
	start(impatient)
	waitUntil(func() bool { return len(h.admitted) == 3 })
	for range 30 {
		if err := spend(t.Context(), h, testPassword); !errors.Is(err, ErrBusy) || errors.Is(err, context.Canceled) {
			t.Fatalf("a full queue: %v", err)
		}
	}
	giveUp()
	if err := <-errs; !errors.Is(err, ErrBusy) || !errors.Is(err, context.Canceled) {
		t.Errorf("one who gave up: %v", err)
	}
	waitUntil(func() bool { return len(h.admitted) == 2 })
	start(t.Context())
	waitUntil(func() bool { return len(h.admitted) == 3 })
	close(s.finish)
	for range 3 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// TestLoggerMayCheck: a log handler that checks a password itself finds a free place.
func TestLoggerMayCheck(t *testing.T) {
	var h *Hashers
	asked := 0
	o := preferring("md5", "")
	o.Concurrent = 1
	o.Logger = slog.New(handlerFunc(func(ctx context.Context) {
		asked++
		if err := spend(ctx, h, testPassword); err != nil {
			t.Error(err)
		}
	}))
	h = mustNew(t, o)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if result, err := h.Check(ctx, testPassword, "md5$damaged"); err != nil || result.OK || asked != 1 {
		t.Errorf("%+v, %v, logged %d times", result, err, asked)
	}
}

// handlerFunc is a slog.Handler.
type handlerFunc func(context.Context)

func (handlerFunc) Enabled(context.Context, slog.Level) bool { return true }

func (f handlerFunc) Handle(ctx context.Context, _ slog.Record) error { f(ctx); return nil }

func (f handlerFunc) WithAttrs([]slog.Attr) slog.Handler { return f }

func (f handlerFunc) WithGroup(string) slog.Handler { return f }

func TestBusy(t *testing.T) {
	h, s := slowHashers(t, 1, 0)
	done := make(chan error)
	go func() { done <- spend(t.Context(), h, testPassword) }()
	<-s.started

	waiting, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	ended, end := context.WithCancel(t.Context())
	end()
	for name, call := range map[string]func(context.Context) error{
		"Check":           func(ctx context.Context) error { _, err := h.Check(ctx, testPassword, "slow$"); return err },
		"Make":            func(ctx context.Context) error { _, err := h.Make(ctx, testPassword); return err },
		"Check of nobody": func(ctx context.Context) error { return spend(ctx, h, testPassword) },
	} {
		if err := call(waiting); !errors.Is(err, ErrBusy) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
		if err := call(ended); !errors.Is(err, ErrBusy) || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	close(s.finish)
	if err := <-done; err != nil {
		t.Error(err)
	}
	// The place is free again, but not for a request that has ended.
	if err := spend(t.Context(), h, testPassword); err != nil {
		t.Error(err)
	}
	if err := spend(ended, h, testPassword); !errors.Is(err, ErrBusy) {
		t.Errorf("ended before: %v", err)
	}
}

// TestDefaultConcurrency: a burst of logins leaves half of the processors alone.
func TestDefaultConcurrency(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for processors, want := range map[int]int{1: 1, 2: 1, 3: 1, 4: 2, 9: 4} {
		runtime.GOMAXPROCS(processors)
		if got := cap(mustNew(t, Options{}).running); got != want {
			t.Errorf("%d hashes at once on %d processors, want %d", got, processors, want)
		}
		if got := cap(mustNew(t, Options{}).admitted); got != 9*want {
			t.Errorf("%d may run or wait on %d processors, want %d", got, processors, 9*want)
		}
		if got := cap(mustNew(t, Options{Concurrent: 7}).running); got != 7 {
			t.Errorf("%d hashes at once, want the 7 that were set", got)
		}
	}
}
