// Package requests measures whole HTTP requests: each server is a process of its own, and the
// load comes from this one, over loopback, on 16 connections that are kept alive.
//
// The environment variable BENCH_ONLY is a regular expression that selects what is measured,
// such as "PostgreSQL/(read|change)/(djsession|database)". See [Serve] for BENCH_CPUPROFILE.
package requests

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/djsession/djsession/bench/measure"
)

const (
	connections = 16
	perServer   = 256 // sessions that a server changes, so that no two requests change one at a time
)

// bench is one run of the suite.
type bench struct {
	env    *measure.Env
	python *python
	only   *regexp.Regexp
	secret string
	rows   []measure.Row
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
	for _, run := range []func(context.Context) error{b.postgreSQL} {
		if err := run(ctx); err != nil {
			return nil, err
		}
	}
	return b.rows, nil
}

// wants reports whether anything is to be measured of a backend's row with a variant; empty
// names stand for any.
func (b *bench) wants(backend, row, variant string) bool {
	return b.only.MatchString(backend + "/" + row + "/" + variant)
}

// backend is a database, and the servers on it.
type backend struct {
	*bench
	name     string // "PostgreSQL"
	site     *site
	siteFile string
	shared   []session // which nobody changes
	variants []*variant
	gunicorn string // how Django is served
}

// variant is one server.
type variant struct {
	name    string
	bare    bool // answers with the length of the session's text
	own     []session
	process *process
}

// newBackend fills the site's database and starts the servers that are wanted, of these names
// and Django.
func (b *bench) newBackend(ctx context.Context, name string, s *site, kinds []kind, names []string) (_ *backend, err error) {
	s.SecretKey, s.DjangoVersion = b.secret, b.env.Django.Version
	back := &backend{bench: b, name: name, site: s, siteFile: filepath.Join(b.env.Dir, fileName(name)+".json")}
	defer func() {
		if err != nil {
			err = errors.Join(err, back.stop())
		}
	}()
	var wanted []string
	for _, variant := range append(names, "Django") {
		for _, k := range kinds {
			if b.wants(name, k.name, variant) {
				wanted = append(wanted, variant)
				break
			}
		}
	}
	if len(wanted) == 0 {
		return back, nil
	}
	s.django(map[string]any{"CONN_MAX_AGE": nil})
	if err := s.write(back.siteFile); err != nil {
		return nil, err
	}
	sessions, err := b.python.fill(ctx, back.siteFile, perServer*(1+len(wanted)))
	if err != nil {
		return nil, err
	}
	back.shared, sessions = sessions[:perServer], sessions[perServer:]
	for i, name := range wanted {
		v := &variant{name: name, bare: name == "database/sql, bare", own: sessions[i*perServer : (i+1)*perServer]}
		if name == "Django" {
			v.process, err = back.startDjango(ctx)
		} else {
			v.process, err = b.startGo(back.siteFile, name)
		}
		if err != nil {
			return nil, err
		}
		back.variants = append(back.variants, v)
	}
	return back, nil
}

// stop ends the servers.
func (back *backend) stop() (err error) {
	for _, v := range back.variants {
		if stopErr := v.process.stop(); stopErr != nil {
			err = errors.Join(err, stopErr)
		}
	}
	return err
}

// check asks Django whether it reads what the servers have stored.
func (back *backend) check(ctx context.Context) error {
	var sessions []session
	for _, v := range back.variants {
		sessions = append(sessions, v.own...)
	}
	if len(sessions) == 0 {
		return nil
	}
	return back.python.check(ctx, back.siteFile, append(sessions, back.shared...))
}
