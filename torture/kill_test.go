package torture

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/testenv"
)

// mostRecovery is how long a service may take to answer after the database's first answer.
const mostRecovery = time.Second

// killServer kills the database under load, again and again.
func killServer(t *testing.T, a *arena, server *testenv.Server, workers []*testenv.Worker) {
	a.refresh(t)
	var slowest time.Duration
	s, v := a.storm(t, a.orders(serving), a.mixed(workers), func(s *storm) {
		for range current.kills {
			time.Sleep(current.quiet)
			if err := server.Kill(); err != nil {
				t.Fatal(err)
			}
			recovery := s.recovery(t, server.Restart)
			t.Logf("the services answered %d ms after the database", recovery.Milliseconds())
			slowest = max(slowest, recovery)
		}
		time.Sleep(current.quiet)
	})
	if full() && slowest > mostRecovery { // the short form shares the machine with other tests
		t.Errorf("a service answered only %v after the database", slowest)
	}
	if full() && s.unavailable == 0 {
		t.Error("nobody noticed")
	}
	a.add(t, killedMissing, share(v.lost(), v.all()))
	a.add(t, killedAnonymous, share(s.anonymous, s.answers))
	a.add(t, killedRecovery, fmt.Sprintf("%d ms", slowest.Milliseconds()))
}

// killCache kills the cache of a cached_db under load. The rows go on.
func killCache(t *testing.T, a *arena, cache *testenv.Server) {
	a.refresh(t)
	s, v := a.storm(t, a.orders(serving), a.mixed(a.stormers()), func(s *storm) {
		for range current.kills {
			time.Sleep(current.quiet / 2)
			if err := cache.Kill(); err != nil {
				t.Fatal(err)
			}
			s.await(t)
			time.Sleep(current.quiet / 4)
			if err := cache.Restart(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(current.quiet)
	})
	a.add(t, cacheKilled, s.survived(v))
}

// recovery brings the database back, and returns how long after its first answer the last
// of the services answered with 200 again.
func (s *storm) recovery(t *testing.T, back func(context.Context) error) time.Duration {
	t.Helper()
	s.mark()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	answered, probed := make(chan time.Time, 1), make(chan error, 1)
	go func() {
		at, err := s.arena.probe(ctx)
		answered <- at
		probed <- err
	}()
	if err := errors.Join(back(ctx), <-probed); err != nil {
		t.Fatal(err)
	}
	return max(0, s.awaitMarked(t).Sub(<-answered))
}

// probe returns when the database first answers, on a new connection each time.
func (a *arena) probe(ctx context.Context) (time.Time, error) {
	for {
		if err := a.ask(ctx); err == nil {
			return time.Now(), nil
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return time.Time{}, ctx.Err()
		}
	}
}

func (a *arena) ask(ctx context.Context) error {
	if a.database == nil {
		return a.order("", "").ask(ctx)
	}
	db, err := a.database.Open(a.parameters...)
	if err != nil {
		return err
	}
	defer db.Close()
	var one int
	return db.QueryRowContext(ctx, "SELECT 1").Scan(&one)
}

// killWriters kills Go processes while they write, which may leave an unfinished
// transaction in SQLite.
func killWriters(t *testing.T, a *arena, workers []*testenv.Worker) {
	a.refresh(t)
	processes := start(t, a.orders(writing)...)
	for _, p := range processes {
		p.begin(t)
	}
	hammering := a.hammer(t, a.mixed(workers))
	var acknowledged []write
	anonymous, failed, stored := 0, 0, 0
	count := func(p *goProcess) {
		acknowledged = append(acknowledged, p.stored...)
		anonymous, failed, stored = anonymous+p.anonymous, failed+p.failed, stored+len(p.stored)
	}
	for i := range current.kills {
		time.Sleep(current.quiet)
		victim := &processes[i%len(processes)]
		(*victim).kill()
		next := start(t, a.order(writing, fmt.Sprint("g", len(processes)+i)))[0]
		next.begin(t)
		count(*victim)
		*victim = next
	}
	time.Sleep(current.quiet)
	byDjango := hammering.stop()
	hammering.check(t)
	for _, p := range processes {
		p.end(t)
		count(p)
	}
	if tooMany(failed, stored) {
		t.Errorf("%d of Go's writes failed, and %d did not", failed, stored)
	}
	if anonymous > 0 {
		t.Errorf("%d times the visitor was anonymous", anonymous)
	}
	v := a.verify(t, append(byDjango.acknowledged, acknowledged...))
	a.checkCounts(t, v, byDjango.counts)
	a.add(t, killedMissing, share(v.missing, v.all()))
	a.add(t, killedAnonymous, share(anonymous, len(acknowledged)))
}
