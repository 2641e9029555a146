// Package requests measures whole HTTP requests: each server is a process of its own, and the
// load comes from this one, over loopback, on 16 connections that are kept alive.
//
// The environment variable BENCH_ONLY is a regular expression that selects what is measured,
// such as "PostgreSQL/(read|change)/(djsession|database)" or "Redis/in process". See [Serve] for BENCH_CPUPROFILE.
package requests

import (
	"cmp"
	"context"
	"crypto/rand"
	"os"
	"regexp"
	"time"

	"github.com/djsession/djsession/bench/measure"
)

const connections = 16

// bench is one run of the suite.
type bench struct {
	env      *measure.Env
	python   *python
	only     *regexp.Regexp
	secret   string
	gunicorn *gunicorn // the fastest way to serve Django
	rows     []measure.Row
}

// perServer is how many sessions a server changes, so that no two requests change one at a time.
func (b *bench) perServer() int {
	if b.env.Quick {
		return 2 * connections
	}
	return 256
}

// plan says how long a backend is measured.
type plan struct {
	rounds   int
	warm, of time.Duration // of a round: before it, and itself
}

func (b *bench) plan(rounds int, of time.Duration) plan {
	if b.env.Quick {
		return plan{rounds: 2, warm: 20 * time.Millisecond, of: 150 * time.Millisecond}
	}
	return plan{rounds: rounds, warm: of / 10, of: of}
}

// Suite measures requests to servers on each kind of database.
func Suite(ctx context.Context, env *measure.Env) ([]measure.Row, error) {
	only, err := regexp.Compile(os.Getenv("BENCH_ONLY"))
	if err != nil {
		return nil, err
	}
	b := &bench{env: env, only: only, secret: rand.Text()}
	if b.python, err = setUp(ctx, env); err != nil {
		return nil, err
	}
	for _, run := range []func(context.Context) error{b.postgreSQL, b.mariaDB, b.sqlite, b.redis} {
		if err := run(ctx); err != nil {
			// What follows from having been told to end is of no interest.
			return nil, cmp.Or(context.Cause(ctx), err)
		}
	}
	return b.rows, nil
}

// wants reports whether anything is to be measured of a backend's row with a variant; empty
// names stand for any.
func (b *bench) wants(backend, row, variant string) bool {
	return b.only.MatchString(backend + "/" + row + "/" + variant)
}
