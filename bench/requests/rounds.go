package requests

import (
	"context"
	"fmt"
	"time"

	"github.com/djsession/djsession/bench/load"
	"github.com/djsession/djsession/bench/measure"
)

// round is what one round has measured.
type round struct {
	perSecond float64
	cpu       time.Duration // of the server, for each request
}

// throughput measures requests of a kind in rounds in which the servers take turns, each time
// in another order, and adds two rows: requests a second, and the server's processor time.
func (back *backend) throughput(ctx context.Context, k kind, p plan, names []string, goals []measure.Goal) error {
	var variants []*variant
	for _, name := range names {
		for _, v := range back.variants {
			if v.name == name && back.wants(back.name, k.name, name) {
				variants = append(variants, v)
			}
		}
	}
	if len(variants) == 0 {
		return nil
	}
	rate := measure.Row{Suite: "requests", Name: k.name + ", " + back.name, Unit: "req/s", Goals: goals}
	cpu := measure.Row{Suite: "requests", Name: k.name + ", " + back.name + ", processor time of the server", Unit: "µs"}
	requests := make([][][]load.Request, len(variants))
	for i, v := range variants {
		if err := back.verify(k, v); err != nil {
			return err
		}
		requests[i] = back.requests(k, v)
		rate.Variants = append(rate.Variants, measure.Variant{Name: v.name, Rounds: make([]float64, p.rounds)})
		cpu.Variants = append(cpu.Variants, measure.Variant{Name: v.name, Rounds: make([]float64, p.rounds)})
	}
	for n := range p.rounds {
		for i := range variants {
			i = (i + n) % len(variants)
			r, err := variants[i].round(ctx, requests[i], p)
			if err != nil {
				return err
			}
			rate.Variants[i].Rounds[n] = r.perSecond
			cpu.Variants[i].Rounds[n] = float64(r.cpu) / float64(time.Microsecond)
		}
	}
	for i, v := range rate.Variants {
		back.env.Log("%s: %s: %.0f/s, %.1f µs", rate.Name, v.Name, v.Median(), cpu.Variants[i].Median())
	}
	back.rows = append(back.rows, rate)
	if cpu.Variants[0].Median() > 0 {
		back.rows = append(back.rows, cpu)
	}
	return nil
}

// round measures one round.
func (v *variant) round(ctx context.Context, requests [][]load.Request, p plan) (round, error) {
	var started time.Time
	var elapsed, used time.Duration
	answered, err := load.Closed(ctx, v.process.addr, requests, p.warm, p.of,
		func() {
			used, _ = v.process.cpu()
			started = time.Now()
		},
		func() {
			elapsed = time.Since(started)
			now, _ := v.process.cpu() // unsupported: 0
			used = now - used
		})
	if err == nil && answered == 0 {
		err = fmt.Errorf("nothing was answered")
	}
	if err != nil {
		return round{}, fmt.Errorf("%s: %w\n%s", v.name, err, v.process.said())
	}
	return round{perSecond: float64(answered) / elapsed.Seconds(), cpu: used / time.Duration(answered)}, nil
}
