package requests

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"time"

	"github.com/djsession/djsession/bench/measure"
	"github.com/djsession/djsession/internal/testenv"
)

// measured is one kind of requests, and which servers it goes to.
type measured struct {
	kind     kind
	variants []string
	goals    []measure.Goal
	notes    []string
}

const (
	library = "djsession"
	joined  = "djsession, joined"
	byHandS = "database/sql by hand"
	byHandX = "pgxpool by hand"
	bareSQL = "database/sql, bare"
)

var (
	scsNote     = "scs has sessions of its own, of the same values: it cannot read Django's"
	gorillaNote = "gorilla/sessions keeps its own sessions in their cookies, without a query: a logout cannot revoke them, and no maintained store for PostgreSQL could be had"
	othersNote  = "knrd/go-gin-django-session and soccer99/go-django-sessions are not measured: the module proxy refused them"
)

func (b *bench) postgreSQL(ctx context.Context) (err error) {
	kinds := []kind{read, change, whoIs, anonymous}
	names := []string{library, byHandS, byHandX, bareSQL, "scs", "gorilla/sessions"}
	servers := append(slices.Clone(names), joined)
	if len(b.wantedOf("PostgreSQL", kinds, append(servers, "Django"))) == 0 {
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
	back, err := b.newBackend(ctx, "PostgreSQL", onDatabase(db, nil), kinds, servers)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, back.stop()) }()

	notes := []string{scsNote, gorillaNote, othersNote}
	for _, m := range []measured{
		{read, append(names, "Django"), []measure.Goal{
			{Of: library, Against: byHandS, AtLeast: 0.97},
			{Of: library, Against: byHandX, AtLeast: 0.88},
			{Of: library, Against: "Django", AtLeast: 10},
		}, notes},
		{whoIs, []string{library, joined, byHandS, byHandX, "Django"}, []measure.Goal{
			{Of: library, Against: "Django", AtLeast: 10},
			{Of: joined, Against: "Django", AtLeast: 10},
		}, []string{"\"djsession, joined\" is usertable.WithJoin: the session and its user in one round trip"}},
		{anonymous, []string{library, byHandS, "Django"}, nil, nil},
		{change, append(names, "Django"), []measure.Goal{
			{Of: library, Against: byHandS, AtLeast: 0.95},
			{Of: library, Against: byHandX, AtLeast: 0.85},
			{Of: library, Against: "Django", AtLeast: 8},
		}, notes},
	} {
		rate, err := back.throughput(ctx, m, b.plan(10, time.Second))
		if err != nil {
			return err
		}
		if m.kind == read || m.kind == change {
			if err := back.latencies(ctx, m.kind, rate); err != nil {
				return err
			}
		}
	}
	return back.check(ctx)
}

func (b *bench) mariaDB(ctx context.Context) (err error) {
	if len(b.wantedOf("MariaDB", shortKinds, shortNames)) == 0 {
		return nil
	}
	server, err := testenv.StartMariaDB(ctx, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	db, err := server.CreateDatabase(ctx, "site")
	if err != nil {
		return err
	}
	return b.short(ctx, "MariaDB", onDatabase(db, nil))
}

func (b *bench) sqlite(ctx context.Context) error {
	if len(b.wantedOf("SQLite", shortKinds, shortNames)) == 0 {
		return nil
	}
	db := testenv.SQLiteFile(filepath.Join(b.env.Dir, "site.sqlite3"))
	return b.short(ctx, "SQLite", onDatabase(db, nil, "_pragma=busy_timeout(30000)", "_pragma=synchronous(NORMAL)"))
}

var (
	shortKinds = []kind{read, change}
	shortNames = []string{library, byHandS, bareSQL, "Django"}
)

// short measures less than PostgreSQL gets.
func (b *bench) short(ctx context.Context, name string, s *site) (err error) {
	back, err := b.newBackend(ctx, name, s, shortKinds, shortNames[:3])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, back.stop()) }()
	for _, k := range shortKinds {
		if _, err := back.throughput(ctx, measured{kind: k, variants: shortNames}, b.plan(3, time.Second)); err != nil {
			return err
		}
	}
	return back.check(ctx)
}

func (b *bench) redis(ctx context.Context) (err error) {
	names := []string{library, "go-redis, bare", "scs"}
	if len(b.wantedOf("Redis", shortKinds, append(names, "Django"))) == 0 && !b.wants("Redis", inProcess, "") {
		return nil
	}
	server, err := testenv.StartRedis(ctx, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	s := onDatabase(testenv.SQLiteFile(filepath.Join(b.env.Dir, "users.sqlite3")), map[string]any{
		"SESSION_ENGINE": "django.contrib.sessions.backends.cache",
		"CACHES": map[string]any{"default": map[string]any{
			"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://" + server.Addr(),
		}},
	})
	s.Redis = server.Addr()
	back, err := b.newBackend(ctx, "Redis", s, shortKinds, names)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, back.stop()) }()
	for _, k := range shortKinds {
		m := measured{kind: k, variants: append(names, "Django"), notes: []string{scsNote}}
		if _, err := back.throughput(ctx, m, b.plan(3, time.Second)); err != nil {
			return err
		}
	}
	if err := back.redisInProcess(ctx); err != nil {
		return err
	}
	return back.check(ctx)
}

// onDatabase returns the site on a database, with the given settings for Django besides.
func onDatabase(db *testenv.Database, settings map[string]any, parameters ...string) *site {
	return &site{Vendor: db.Vendor, Driver: db.Driver(), DSN: db.DSN(parameters...), database: db, extra: settings}
}
