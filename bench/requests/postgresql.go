package requests

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"time"

	"github.com/djsession/djsession/bench/measure"
	"github.com/djsession/djsession/internal/testenv"
)

func (b *bench) postgreSQL(ctx context.Context) (err error) {
	if !b.wantsAny("PostgreSQL") {
		return nil
	}
	server, err := testenv.StartPostgreSQL(ctx, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	db, err := server.CreateDatabase(ctx, "site")
	if err != nil {
		return err
	}
	goServers := []string{"djsession", "database/sql by hand", "pgxpool by hand", "database/sql, bare"}
	back, err := b.newBackend(ctx, "PostgreSQL", onDatabase(db, nil), []kind{read, change, whoIs, anonymous}, goServers)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, back.stop()) }()

	all := append(goServers, "Django")
	p := b.plan(5, 2*time.Second)
	for _, m := range []struct {
		kind     kind
		variants []string
		goals    []measure.Goal
	}{
		{read, all, []measure.Goal{
			{Of: "djsession", Against: "database/sql by hand", AtLeast: 0.97},
			{Of: "djsession", Against: "pgxpool by hand", AtLeast: 0.88},
			{Of: "djsession", Against: "Django", AtLeast: 10},
		}},
		{whoIs, []string{"djsession", "database/sql by hand", "pgxpool by hand", "Django"}, []measure.Goal{
			{Of: "djsession", Against: "Django", AtLeast: 10},
		}},
		{anonymous, all, nil},
		{change, all, []measure.Goal{
			{Of: "djsession", Against: "database/sql by hand", AtLeast: 0.95},
			{Of: "djsession", Against: "pgxpool by hand", AtLeast: 0.85},
			{Of: "djsession", Against: "Django", AtLeast: 8},
		}},
	} {
		if err := back.throughput(ctx, m.kind, p, m.variants, m.goals); err != nil {
			return err
		}
	}
	return back.check(ctx)
}

// wantsAny reports whether BENCH_ONLY may select something of a backend.
func (b *bench) wantsAny(backend string) bool {
	for _, k := range []kind{read, change, whoIs, anonymous} {
		for name := range handlers {
			if b.wants(backend, k.name, name) {
				return true
			}
		}
		if b.wants(backend, k.name, "Django") {
			return true
		}
	}
	return false
}

// onDatabase returns the site on a database, with the given settings for Django besides.
func onDatabase(db *testenv.Database, settings map[string]any, parameters ...string) *site {
	return &site{Vendor: db.Vendor, Driver: db.Driver(), DSN: db.DSN(parameters...), database: db, extra: settings}
}

// startGo starts a Go server.
func (b *bench) startGo(siteFile, name string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(b.env.Dir, name, exec.Command(self, "serve", siteFile, name))
}
