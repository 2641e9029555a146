package requests

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/djsession/djsession/bench/measure"
	"github.com/djsession/djsession/django"
)

// way is one way to do something with a session.
type way struct {
	name string
	do   func(*session) error
}

// inProcess is the row that measures in this process.
const inProcess = "in process"

const scripted = "go-redis, bare, with a script"

// redisInProcess measures loading and saving sessions in this process, without HTTP, against
// the commands GET and SET on the same values, with the same age, by a client with the same
// options and with the same context; and against GET and a script that compares and sets.
func (back *backend) redisInProcess(ctx context.Context) error {
	if !back.wants("Redis", inProcess, "") {
		return nil
	}
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
		{scripted, func(s *session) error {
			text, err := bare.load(ctx, s.Key)
			if err != nil {
				return err
			}
			return bare.swap(ctx, s.Key, text, text)
		}},
	}
	clocks := func() (time.Duration, error) { return processorTimes(ctx, client) }
	for _, at := range []struct {
		name       string
		goroutines int
	}{{"one at a time", 1}, {fmt.Sprintf("%d at a time", connections), connections}} {
		if err := back.inProcess("load, Redis, in process, "+at.name, at.goroutines, clocks, goals, loads); err != nil {
			return err
		}
		if err := back.inProcess("load and save, Redis, in process, "+at.name, at.goroutines, clocks, goals, saves, scriptNote); err != nil {
			return err
		}
	}
	return nil
}

const scriptNote = "only djsession, and go-redis with a script that compares and sets, lose no change that somebody else makes between the load and the save"

// processorTimes returns the processor time that this process and a server have used so far.
func processorTimes(ctx context.Context, client *redis.Client) (time.Duration, error) {
	info := client.InfoMap(ctx, "cpu")
	total := measure.ProcessorTime()
	for _, name := range []string{"used_cpu_user", "used_cpu_sys"} {
		used, err := time.ParseDuration(info.Item("CPU", name) + "s")
		if err = cmp.Or(info.Err(), err); err != nil {
			return 0, err
		}
		total += used
	}
	return total, nil
}

// inProcess measures ways in rounds that take turns, each in some goroutines, with sessions of
// their own, and adds two rows: how often in a second, and what the clocks say for each time.
func (back *backend) inProcess(name string, goroutines int, clocks func() (time.Duration, error), goals []measure.Goal, ways []way, notes ...string) error {
	p := back.plan(5, 500*time.Millisecond)
	row := measure.Row{Suite: "requests", Name: name, Unit: "ops/s", Variants: make([]measure.Variant, len(ways)), Goals: goals, Notes: notes}
	cpu := measure.Row{Suite: "requests", Name: name + ", processor time with the server's", Unit: "µs", Variants: make([]measure.Variant, len(ways))}
	for n := range p.rounds {
		for i := range ways {
			i = (i + n) % len(ways)
			if _, _, err := back.do(ways[i], goroutines, p.warm); err != nil {
				return err
			}
			before, err := clocks()
			if err != nil {
				return err
			}
			done, took, err := back.do(ways[i], goroutines, p.of)
			if err != nil {
				return err
			}
			after, err := clocks()
			if err != nil {
				return err
			}
			row.Variants[i].Name, cpu.Variants[i].Name = ways[i].name, ways[i].name
			row.Variants[i].Rounds = append(row.Variants[i].Rounds, float64(done)/took.Seconds())
			cpu.Variants[i].Rounds = append(cpu.Variants[i].Rounds, (after-before).Seconds()*1e6/float64(done))
		}
	}
	back.rows = append(back.rows, row, cpu)
	return nil
}

// do does something in some goroutines for d, and returns how often and how long it took.
func (back *backend) do(w way, goroutines int, d time.Duration) (times int64, took time.Duration, err error) {
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
	return done.Load(), time.Since(start), err
}
