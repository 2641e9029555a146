// Package rows measures a table of a million sessions: what a load and a save cost compared with a
// table of a thousand, and what the site notices while half of a million are cleared.
package rows

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/djsession/djsession/bench/measure"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// size is how much is measured.
type size struct {
	small, large   int // rows
	rounds, calls  int // of loads and of saves
	warmUp, before time.Duration
}

// Suite measures all databases.
func Suite(ctx context.Context, env *measure.Env) (rows []measure.Row, err error) {
	n := size{1000, 1_000_000, 9, 200, time.Second, 4 * time.Second}
	if env.Quick {
		n = size{100, 20_000, 3, 20, 100 * time.Millisecond, 300 * time.Millisecond}
	}
	// One thread sleeps until the next load is due, and one may be clearing a SQLite file.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 2))
	all, stop, err := places(ctx, env)
	defer stop()
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		env.Log("%s: %d rows", p.name, n.large)
		some, err := p.measure(ctx, n)
		if err != nil {
			return nil, fmt.Errorf("rows on %s: %w", p.name, err)
		}
		rows = append(rows, some...)
	}
	return rows, nil
}

func (p *place) measure(ctx context.Context, n size) ([]measure.Row, error) {
	small, err := p.filled(ctx, n.small)
	if err != nil {
		return nil, err
	}
	large, err := p.filled(ctx, n.large)
	if err != nil {
		return nil, err
	}
	calls, err := p.calls(ctx, n, small, large)
	if err != nil {
		return nil, err
	}
	cleared, err := p.clears(ctx, n, large)
	return append(calls, cleared...), err
}

// calls measures loads and saves in both tables in turn.
func (p *place) calls(ctx context.Context, n size, small, large *testenv.Database) ([]measure.Row, error) {
	load := measure.Row{Suite: "rows", Name: "load, " + p.name, Unit: "µs"}
	save := measure.Row{Suite: "rows", Name: "save, " + p.name, Unit: "µs"}
	names := [2]string{count(n.small) + " rows", count(n.large) + " rows"}
	for _, row := range []*measure.Row{&load, &save} {
		row.Variants = []measure.Variant{{Name: names[0]}, {Name: names[1]}}
		row.Goals = []measure.Goal{{Of: names[1], Against: names[0], AtMost: 1.1}}
	}
	var stores [2]django.Store
	var keys [2][]string
	for i, d := range []*testenv.Database{small, large} {
		db, store, err := open(d)
		if err != nil {
			return nil, err
		}
		defer db.Close()
		stores[i] = store
		if keys[i], err = keysOf(ctx, d, (n.rounds+1)*n.calls); err != nil {
			return nil, err
		}
	}
	for round := range n.rounds + 1 {
		var loads, saves [2]measure.Variant
		for call := range n.calls {
			for i, store := range stores {
				key := keys[i][(round*n.calls+call)%len(keys[i])]
				start := time.Now()
				record, err := store.Load(ctx, key, start)
				if err != nil {
					return nil, err
				}
				loads[i].Rounds = append(loads[i].Rounds, float64(time.Since(start))/1e3)
				age := 14*24*time.Hour + time.Duration(call)*time.Second // another text and expiry
				start = time.Now()
				if _, err = store.Save(ctx, record, django.Write{Key: key, Data: record.Data, Expires: start.Add(age), Age: age}); err != nil {
					return nil, err
				}
				saves[i].Rounds = append(saves[i].Rounds, float64(time.Since(start))/1e3)
			}
		}
		if round == 0 {
			continue // connections are made, and statements prepared
		}
		for i := range stores {
			load.Variants[i].Rounds = append(load.Variants[i].Rounds, loads[i].Median())
			save.Variants[i].Rounds = append(save.Variants[i].Rounds, saves[i].Median())
		}
	}
	return []measure.Row{load, save}, nil
}

// clears measures how Go and Django clear copies of a table. A SQLite without a write-ahead log
// keeps readers out while anybody writes, so there nothing is loaded meanwhile.
func (p *place) clears(ctx context.Context, n size, large *testenv.Database) ([]measure.Row, error) {
	keys, err := keysOf(ctx, large, 20000)
	if err != nil {
		return nil, err
	}
	if p.server != nil {
		return p.clear(ctx, n, large, keys, "")
	}
	rows, err := p.clear(ctx, n, large, keys, "delete")
	if err != nil {
		return nil, err
	}
	wal, err := p.clear(ctx, n, large, keys, "wal")
	return append(rows, wal...), err
}

func (p *place) clear(ctx context.Context, n size, large *testenv.Database, keys []string, journal string) ([]measure.Row, error) {
	var goWay, djangoWay figures
	for _, way := range []struct {
		to    *figures
		clear func(*testenv.Database) clearer
	}{{&goWay, byGo}, {&djangoWay, p.byDjango}} {
		d, err := p.copy(ctx, large)
		if err != nil {
			return nil, err
		}
		if journal != "" {
			if err := execute(ctx, d, "PRAGMA journal_mode = "+journal); err != nil {
				return nil, err
			}
		}
		if *way.to, err = during(ctx, n, d, keys, journal != "delete", way.clear(d)); err != nil {
			return nil, err
		}
		if err := p.drop(ctx, d); err != nil {
			return nil, err
		}
	}
	name := p.name
	if journal == "wal" {
		name += " with a write-ahead log"
	}
	what := fmt.Sprintf("clear %s of %s rows, %s", count(n.large/2), count(n.large), name)
	row := func(of, unit string, per time.Duration, value func(figures) time.Duration, goals ...measure.Goal) measure.Row {
		r := measure.Row{Suite: "rows", Name: what + of, Unit: unit, Goals: goals}
		for i, f := range []figures{goWay, djangoWay} {
			r.Variants = append(r.Variants, measure.Variant{Name: [...]string{"djsession", "Django"}[i], Rounds: []float64{float64(value(f)) / float64(per)}})
		}
		return r
	}
	total := row("", "s", time.Second, func(f figures) time.Duration { return f.took })
	longest := row(": longest write of others", "ms", time.Millisecond, func(f figures) time.Duration { return f.longest })
	if p.server == nil {
		total.Goals = []measure.Goal{{Of: "djsession", Against: "Django", AtMost: 1.25}}
		longest.Goals = []measure.Goal{{Of: "djsession", AtMost: 1500}}
	}
	rows := []measure.Row{total, longest}
	if journal != "delete" {
		loads := row(": p99 of 500 loads a second", "ms", time.Millisecond, func(f figures) time.Duration { return percentile(f.busy, 99) },
			measure.Goal{Of: "djsession", Against: "before", AtMost: 3})
		idle := float64(percentile(goWay.idle, 99)) / float64(time.Millisecond)
		loads.Variants = append(loads.Variants, measure.Variant{Name: "before", Rounds: []float64{idle}})
		rows = append(rows, loads)
	}
	return rows, nil
}

// drop removes a database.
func (p *place) drop(ctx context.Context, d *testenv.Database) error {
	if p.server != nil {
		return p.server.DropDatabase(ctx, d.Name)
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		_ = os.Remove(d.Name + suffix) // gone already if all connections were closed
	}
	return os.Remove(d.Name)
}

// count writes a number as in 1,000,000.
func count(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", count(n/1000), n%1000)
}
