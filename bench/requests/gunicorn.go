package requests

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/djsession/djsession/bench/measure"
)

// gunicorn is a way to run Django under gunicorn.
type gunicorn struct {
	name string
	args []string
}

// gunicorns are the ways that are tried; the fastest is measured. Of the ways to connect to
// PostgreSQL, psycopg's pool and statements that are not prepared were slower.
func gunicorns() (ways []gunicorn) {
	cores := runtime.NumCPU()
	for _, workers := range []int{cores, cores + 1, 2*cores + 1} {
		ways = append(ways, gunicorn{
			name: fmt.Sprintf("%d sync workers", workers),
			args: []string{"--worker-class", "sync", "--workers", fmt.Sprint(workers)},
		})
	}
	for _, workers := range []int{cores, cores + 1} {
		threads := (connections + workers - 1) / workers
		ways = append(ways, gunicorn{
			name: fmt.Sprintf("%d gthread workers of %d threads", workers, threads),
			args: []string{"--worker-class", "gthread", "--workers", fmt.Sprint(workers), "--threads", fmt.Sprint(threads), "--keep-alive", "60"},
		})
	}
	return ways
}

func (p *python) serve(ctx context.Context, dir, siteFile string, g gunicorn) (*process, error) {
	args := append([]string{"-m", "gunicorn", "--bind", "fd://3", "--no-control-socket", "--log-level", "warning"}, g.args...)
	return start(dir, "django-"+g.name, p.command(context.WithoutCancel(ctx), siteFile, append(args, "benchsite:application")...))
}

// startDjango starts Django in the way that is fastest at reading sessions. The way that was
// fastest on the first database is used on all others.
func (back *backend) startDjango(ctx context.Context) (*process, error) {
	if back.gunicorn != nil {
		return back.python.serve(ctx, back.env.Dir, back.siteFile, *back.gunicorn)
	}
	ways := gunicorns()
	if back.env.Quick { // one of each kind of workers
		ways = []gunicorn{ways[0], ways[len(ways)-1]}
	}
	candidates := make([]*variant, len(ways))
	rates := make([]measure.Variant, len(ways))
	best := -1
	defer func() {
		for i, v := range candidates {
			if v != nil && i != best {
				_ = v.process.stop()
			}
		}
	}()
	for i, g := range ways {
		p, err := back.python.serve(ctx, back.env.Dir, back.siteFile, g)
		if err != nil {
			return nil, err
		}
		candidates[i] = &variant{name: "Django", process: p}
		if err := back.verify(read, candidates[i]); err != nil {
			return nil, err
		}
	}
	p := back.plan(5, 500*time.Millisecond)
	for range p.rounds {
		for i, v := range candidates {
			r, err := v.round(ctx, back.requests(read, v), p)
			if err != nil {
				return nil, err
			}
			rates[i].Rounds = append(rates[i].Rounds, r.perSecond)
		}
	}
	fastest := 0
	for i, g := range ways {
		back.env.Log("Django, gunicorn, %s: %.0f/s", g.name, rates[i].Median())
		if rates[i].Median() > rates[fastest].Median() {
			fastest = i
		}
	}
	best, back.bench.gunicorn = fastest, &ways[fastest]
	return candidates[best].process, nil
}
