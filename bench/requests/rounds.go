package requests

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
// in another order, and adds two rows: requests a second, which it returns, and the server's
// processor time.
func (back *backend) throughput(ctx context.Context, m measured, p plan) (rate measure.Row, err error) {
	rate = measure.Row{Suite: "requests", Name: m.kind.name + ", " + back.name, Unit: "req/s", Goals: m.goals, Notes: m.notes}
	cpu := measure.Row{Suite: "requests", Name: rate.Name + ", processor time of the server", Unit: "µs"}
	variants := back.chosen(m.kind, m.variants)
	requests := make([][][]load.Request, len(variants))
	for i, v := range variants {
		if err := back.verify(m.kind, v); err != nil {
			return rate, err
		}
		requests[i] = back.requests(m.kind, v)
		rate.Variants = append(rate.Variants, measure.Variant{Name: v.name, Rounds: make([]float64, p.rounds)})
		cpu.Variants = append(cpu.Variants, measure.Variant{Name: v.name, Rounds: make([]float64, p.rounds)})
		if v.name == "Django" {
			rate.Notes = append(slices.Clone(rate.Notes), "Django is served by gunicorn with "+back.gunicorn.name)
		}
	}
	if len(variants) == 0 {
		return rate, nil
	}
	for n := range p.rounds {
		for i := range variants {
			i = (i + n) % len(variants)
			r, err := variants[i].round(ctx, requests[i], p)
			if err != nil {
				return rate, err
			}
			rate.Variants[i].Rounds[n] = r.perSecond
			cpu.Variants[i].Rounds[n] = float64(r.cpu) / float64(time.Microsecond)
		}
	}
	back.rows = append(back.rows, rate)
	if cpu.Variants[0].Median() > 0 {
		back.rows = append(back.rows, cpu)
	}
	return rate, nil
}

// chosen returns those of the named servers that are wanted for a kind of requests.
func (back *backend) chosen(k kind, names []string) (variants []*variant) {
	for _, name := range names {
		for _, v := range back.variants {
			if v.name == name && back.wants(back.name, k.name, name) {
				variants = append(variants, v)
			}
		}
	}
	return variants
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
		err = errors.New("nothing was answered")
	}
	if err != nil {
		return round{}, fmt.Errorf("%s: %w\n%s", v.name, err, v.process.said())
	}
	return round{perSecond: float64(answered) / elapsed.Seconds(), cpu: used / time.Duration(answered)}, nil
}
