package requests

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/djsession/djsession/bench/measure"
	"github.com/djsession/djsession/django"
)

// way is one way to do something with a session.
type way struct {
	name string
	do   func(*session) error
}

// redisInProcess measures loading and saving sessions in this process, without HTTP, against
// the commands GET and SET with the same bytes.
func (back *backend) redisInProcess(ctx context.Context) error {
	sessions, err := back.site.redisSessions()
	if err != nil {
		return err
	}
	client := back.site.redisClient()
	defer client.Close()
	bare := redisRows{client}
	load := func(s *session) (*django.Session, error) {
		loaded, err := sessions.Load(ctx, s.Key)
		if err != nil {
			return nil, err
		}
		if visits, _ := django.Value(loaded, "visits", 0); visits != s.Visits {
			return nil, fmt.Errorf("%d visits in a session that had %d", visits, s.Visits)
		}
		return loaded, nil
	}
	goals := []measure.Goal{{Of: library, Against: "go-redis, bare", AtLeast: 0.9}}
	loads := []way{
		{library, func(s *session) error {
			_, err := load(s)
			return err
		}},
		{"go-redis, bare", func(s *session) error {
			_, err := bare.load(ctx, s.Key)
			return err
		}},
	}
	saves := []way{
		{library, func(s *session) error {
			loaded, err := load(s)
			if err != nil {
				return err
			}
			if err := loaded.Set("visits", s.Visits+1); err != nil {
				return err
			}
			s.Visits++
			return loaded.Save(ctx)
		}},
		{"go-redis, bare", func(s *session) error {
			text, err := bare.load(ctx, s.Key)
			if err != nil {
				return err
			}
			return bare.save(ctx, s.Key, text, time.Time{})
		}},
	}
	for _, at := range []struct {
		name       string
		goroutines int
	}{{"one at a time", 1}, {fmt.Sprintf("%d at a time", connections), connections}} {
		if err := back.inProcess("load, Redis, in process, "+at.name, at.goroutines, goals, loads); err != nil {
			return err
		}
		if err := back.inProcess("load and save, Redis, in process, "+at.name, at.goroutines, goals, saves); err != nil {
			return err
		}
	}
	return nil
}

// inProcess measures ways in rounds that take turns, each in some goroutines, with sessions of
// their own.
func (back *backend) inProcess(name string, goroutines int, goals []measure.Goal, ways []way) error {
	if !back.wants("Redis", "in process", "") {
		return nil
	}
	p := back.plan(5, 500*time.Millisecond)
	row := measure.Row{Suite: "requests", Name: name, Unit: "ops/s", Variants: make([]measure.Variant, len(ways)), Goals: goals}
	for n := range p.rounds {
		for i := range ways {
			i = (i + n) % len(ways)
			if _, err := back.do(ways[i], goroutines, p.warm); err != nil {
				return err
			}
			perSecond, err := back.do(ways[i], goroutines, p.of)
			if err != nil {
				return err
			}
			row.Variants[i].Name = ways[i].name
			row.Variants[i].Rounds = append(row.Variants[i].Rounds, perSecond)
		}
	}
	back.rows = append(back.rows, row)
	return nil
}

func (back *backend) do(w way, goroutines int, d time.Duration) (perSecond float64, err error) {
	var group sync.WaitGroup
	var done atomic.Int64
	var once sync.Once
	start := time.Now()
	for c := range goroutines {
		group.Go(func() {
			for i := c; time.Since(start) < d; i = (i + goroutines) % len(back.local) {
				if failed := w.do(&back.local[i]); failed != nil {
					once.Do(func() { err = fmt.Errorf("%s: %w", w.name, failed) })
					return
				}
				done.Add(1)
			}
		})
	}
	group.Wait()
	return float64(done.Load()) / time.Since(start).Seconds(), err
}
