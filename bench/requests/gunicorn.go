package requests

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"
)

// gunicorn is a way to run Django under gunicorn.
type gunicorn struct {
	name     string
	args     []string
	database map[string]any // fields of the DATABASES entry
}

// gunicorns are the ways that are tried; the fastest is measured.
func gunicorns() []gunicorn {
	cores := runtime.NumCPU()
	persistent := map[string]any{"CONN_MAX_AGE": nil}
	kinds := func(class string, workers, threads int, name string, database map[string]any) gunicorn {
		args := []string{"--worker-class", class, "--workers", fmt.Sprint(workers)}
		about := fmt.Sprintf("%d %s workers", workers, class)
		if threads > 0 {
			args = append(args, "--threads", fmt.Sprint(threads), "--keep-alive", "60")
			about += fmt.Sprintf(" of %d threads", threads)
		}
		return gunicorn{name: about + ", " + name, args: args, database: database}
	}
	return []gunicorn{
		kinds("sync", 2*cores+1, 0, "CONN_MAX_AGE None", persistent),
		kinds("gthread", cores, connections/cores, "CONN_MAX_AGE None", persistent),
		kinds("gthread", 2*cores, connections/cores/2, "CONN_MAX_AGE None", persistent),
	}
}

func (p *python) serve(ctx context.Context, dir, siteFile string, g gunicorn) (*process, error) {
	args := append([]string{"-m", "gunicorn", "--bind", "fd://3", "--no-control-socket", "--log-level", "warning"}, g.args...)
	return start(dir, "django-"+g.name, p.command(context.WithoutCancel(ctx), siteFile, append(args, "benchsite:application")...))
}

// startDjango starts Django in the way that is fastest at reading sessions.
func (back *backend) startDjango(ctx context.Context) (*process, error) {
	var best *process
	fastest := 0.0
	for _, g := range gunicorns() {
		back.site.django(g.database)
		file := back.siteFile + "." + fileName(g.name)
		if err := back.site.write(file); err != nil {
			return best, err
		}
		p, err := back.python.serve(ctx, back.env.Dir, file, g)
		if err != nil {
			return best, err
		}
		v := &variant{name: "Django", process: p}
		err = back.verify(read, v)
		var r round
		if err == nil {
			r, err = v.round(ctx, back.requests(read, v), back.plan(1, time.Second))
		}
		back.env.Log("Django, gunicorn, %s: %.0f/s", g.name, r.perSecond)
		if err == nil && r.perSecond > fastest {
			fastest, best, p, back.gunicorn = r.perSecond, p, best, g.name
		}
		if p != nil {
			err = errors.Join(err, p.stop())
		}
		if err != nil {
			return best, err
		}
	}
	return best, nil
}
