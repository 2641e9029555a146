package requests

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/djsession/djsession/bench/load"
	"github.com/djsession/djsession/bench/measure"
)

// latencies measures how long requests take that come at a constant rate: half of what the
// slowest of the Go servers can do, and, with Django, half of what Django can do. capacity is
// the row of throughput.
func (back *backend) latencies(ctx context.Context, k kind, capacity measure.Row) error {
	goServers := []string{library, byHandS, byHandX}
	err := back.latency(ctx, k, "half of the capacity", goServers, goServers, capacity)
	if err != nil {
		return err
	}
	return back.latency(ctx, k, "half of Django's capacity", []string{library, byHandS, "Django"}, []string{"Django"}, capacity)
}

// latency adds rows for the median and the 99th percentile of each round, at half of the
// capacity of the slowest of the servers named in of.
func (back *backend) latency(ctx context.Context, k kind, at string, names, of []string, capacity measure.Row) error {
	slowest := math.Inf(1)
	for _, name := range of {
		if m := capacity.Find(name).Median(); m > 0 {
			slowest = min(slowest, m)
		}
	}
	variants := back.chosen(k, names)
	if len(variants) == 0 || math.IsInf(slowest, 1) {
		return nil
	}
	p := back.plan(5, time.Second)
	rate := math.Max(math.Floor(slowest/2), 10/p.of.Seconds()) // a round needs some requests
	rows := make([]measure.Row, 2)
	for i, quantile := range []string{"p50", "p99"} {
		rows[i] = measure.Row{
			Suite: "requests", Name: fmt.Sprintf("%s, %s, %s at %s", k.name, back.name, quantile, at), Unit: "ms",
			Notes: []string{fmt.Sprintf("%.0f requests a second, each measured from when it was due", rate)},
		}
		for _, v := range variants {
			rows[i].Variants = append(rows[i].Variants, measure.Variant{Name: v.name, Rounds: make([]float64, p.rounds)})
		}
	}
	for n := range p.rounds {
		for i := range variants {
			i = (i + n) % len(variants)
			v := variants[i]
			took, err := load.Open(ctx, v.process.addr, back.requests(k, v), rate, p.warm+p.of)
			if err != nil {
				return fmt.Errorf("%s: %w\n%s", v.name, err, v.process.said())
			}
			took = took[len(took)*int(p.warm)/int(p.warm+p.of):]
			slices.Sort(took)
			for r, quantile := range []float64{0.5, 0.99} {
				rows[r].Variants[i].Rounds[n] = took[int(quantile*float64(len(took)))].Seconds() * 1e3
			}
		}
	}
	back.rows = append(back.rows, rows...)
	return nil
}
