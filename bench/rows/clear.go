package rows

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/djsession/djsession/internal/testenv"
)

const (
	loaders     = 16
	loadEvery   = 2 * time.Millisecond
	writeEvery  = 100 * time.Millisecond
	busyTimeout = "_pragma=busy_timeout(60000)"
)

// traffic is the use of a site's sessions: loads through dbstore at a constant rate, and a writer
// that waits for SQLite's lock as Django's does.
type traffic struct {
	stop          chan struct{}
	loads, writes chan calls
}

func start(ctx context.Context, d *testenv.Database, keys []string, loads bool) *traffic {
	t := &traffic{stop: make(chan struct{}), loads: make(chan calls, 1), writes: make(chan calls, 1)}
	if loads {
		go func() { t.loads <- t.load(ctx, d, keys) }()
	} else {
		t.loads <- calls{}
	}
	go func() { t.writes <- t.write(ctx, d, keys) }()
	return t
}

func (t *traffic) load(ctx context.Context, d *testenv.Database, keys []string) calls {
	db, store, err := open(d)
	if err != nil {
		return calls{err: err}
	}
	defer db.Close()
	return pace(ctx, loadEvery, loaders, t.stop, func(ctx context.Context) error {
		_, err := store.Load(ctx, keys[rand.N(len(keys))], time.Now())
		return err
	})
}

func (t *traffic) write(ctx context.Context, d *testenv.Database, keys []string) calls {
	var parameters []string
	if d.Vendor == testenv.SQLiteVendor {
		parameters = []string{busyTimeout}
	}
	db, err := d.Open(parameters...)
	if err != nil {
		return calls{err: err}
	}
	defer db.Close()
	return pace(ctx, writeEvery, 1, t.stop, func(ctx context.Context) error {
		_, err := db.ExecContext(ctx, fmt.Sprintf("UPDATE django_session SET session_data = session_data WHERE session_key = '%s'", keys[rand.N(len(keys))]))
		return err
	})
}

// end ends the traffic.
func (t *traffic) end() (loads, writes calls, err error) {
	close(t.stop)
	loads, writes = <-t.loads, <-t.writes
	return loads, writes, errors.Join(loads.err, writes.err)
}

// figures are of a clear and the traffic beside it.
type figures struct {
	took       time.Duration
	idle, busy []time.Duration // what the loads took before and during it, sorted
	longest    time.Duration   // of the writes
}

// clearer clears a table. It calls ready when it is about to begin, and returns how long it took.
type clearer func(ctx context.Context, ready func()) (time.Duration, error)

func byGo(d *testenv.Database) clearer {
	return func(ctx context.Context, ready func()) (time.Duration, error) {
		db, store, err := open(d)
		if err != nil {
			return 0, err
		}
		defer db.Close()
		ready()
		start := time.Now()
		_, err = store.ClearExpired(ctx, start)
		return time.Since(start), err
	}
}

func (p *place) byDjango(d *testenv.Database) clearer {
	return site{p.env.Django, d}.clear
}

// during measures the traffic before and while a table is cleared, with loads or without.
func during(ctx context.Context, n size, d *testenv.Database, keys []string, loads bool, clear clearer) (f figures, err error) {
	t := start(ctx, d, keys, loads)
	time.Sleep(n.warmUp)
	before := time.Now()
	if loads {
		time.Sleep(n.before)
	}
	busy := time.Now()
	idle := busy
	f.took, err = clear(ctx, func() { busy = time.Now() })
	end := busy.Add(f.took)
	loaded, written, failed := t.end()
	f.idle, f.busy = loaded.between(before, idle), loaded.between(busy, end)
	f.longest = percentile(written.between(busy, end), 100)
	if left, err := expired(ctx, d); err != nil || left > 0 {
		return f, fmt.Errorf("%d expired rows are left: %w", left, err)
	}
	return f, errors.Join(err, failed)
}

func expired(ctx context.Context, d *testenv.Database) (int, error) {
	db, err := d.Open()
	if err != nil {
		return 0, err
	}
	defer db.Close()
	n, err := column[int](ctx, db, "SELECT COUNT(*) FROM django_session WHERE expire_date < CURRENT_TIMESTAMP")
	if err != nil {
		return 0, err
	}
	return n[0], nil
}
