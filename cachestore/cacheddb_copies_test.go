package cachestore_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

// TestCachedDBDeletesCopies: after each write that may have taken effect, the copies of all keys
// that it concerns are deleted.
func TestCachedDBDeletesCopies(t *testing.T) {
	key := func(letter string) string { return strings.Repeat(letter, 32) }
	w := func(k string) django.Write { return django.Write{Key: k} }
	rec := func(k string) django.Record { return django.Record{Key: k} }
	create := func(s django.Store) error { _, err := s.Create(context.Background(), w(key("a"))); return err }
	save := func(s django.Store) error {
		_, err := s.Save(context.Background(), rec(key("a")), w(key("a")))
		return err
	}
	move := func(s django.Store) error {
		_, err := s.Save(context.Background(), rec(key("a")), w(key("b")))
		return err
	}
	remove := func(s django.Store) error { return s.Delete(context.Background(), key("a")) }
	down := errors.New("the database is down")
	for name, c := range map[string]struct {
		do   func(django.Store) error
		rows error // of the rows' store
		want []string
	}{
		"create":                  {create, nil, []string{"a"}},
		"create, unknown":         {create, django.ErrOutcomeUnknown, []string{"a"}},
		"create, key in use":      {create, django.ErrExists, nil},
		"save":                    {save, nil, []string{"a"}},
		"save, unknown":           {save, django.ErrOutcomeUnknown, []string{"a"}},
		"save, conflict":          {save, django.ErrConflict, nil},
		"save, row gone":          {save, django.ErrNotFound, []string{"a"}},
		"save, database down":     {save, down, nil},
		"move":                    {move, nil, []string{"a", "b"}},
		"move, unknown":           {move, django.ErrOutcomeUnknown, []string{"a", "b"}},
		"move, new key in use":    {move, django.ErrExists, nil},
		"delete":                  {remove, nil, []string{"a"}},
		"delete, unknown":         {remove, django.ErrOutcomeUnknown, []string{"a"}},
		"delete, database failed": {remove, down, []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			site := newCachedDB(t)
			ss, err := site.With(cachestore.NewCachedDB(django.EngineFunc(func(django.Site) (django.Store, error) {
				return answering{err: c.rows}, nil
			}), site.cache))
			if err != nil {
				t.Fatal(err)
			}
			if err := c.do(ss.Store()); !errors.Is(err, c.rows) {
				t.Errorf("%v, want %v", err, c.rows)
			}
			var want []string
			for _, letter := range c.want {
				want = append(want, copyKey+key(letter))
			}
			if got := site.cache.taken(); !slices.Equal(got, want) {
				t.Errorf("deleted %d copies, want those of %q", len(got), c.want)
			}
		})
	}
}

// answering is a store whose writes end with err.
type answering struct {
	django.Store
	err error
}

func (answering) Capabilities() django.Capabilities { return django.Capabilities{} }

func (a answering) Create(_ context.Context, w django.Write) (django.Record, error) {
	return django.Record{Key: w.Key}, a.err
}

func (a answering) Save(_ context.Context, _ django.Record, w django.Write) (django.Record, error) {
	return django.Record{Key: w.Key}, a.err
}

func (a answering) Delete(context.Context, string) error { return a.err }

// TestCachedDBNames: the copies are deleted under the names that the site's engine gives them.
func TestCachedDBNames(t *testing.T) {
	for name, c := range map[string]struct {
		engine string
		opts   []cachestore.CachedDBOption
		prefix string
	}{
		"Django's":               {django.EngineCachedDB, nil, ":1:django.contrib.sessions.cached_db"},
		"django-qsessions":       {"qsessions.backends.cached_db", nil, ":1:qsessions.q_cached_db"},
		"a subclass":             {"shop.sessions", nil, ":1:django.contrib.sessions.cached_db"},
		"a subclass with a name": {"shop.sessions", []cachestore.CachedDBOption{cachestore.WithCacheKeyPrefix("shop.")}, ":1:shop."},
		"prefix and version": {django.EngineCachedDB, []cachestore.CachedDBOption{cachestore.WithKeyPrefix("shop"), cachestore.WithVersion(3)},
			"shop:3:django.contrib.sessions.cached_db"},
		"key function": {django.EngineCachedDB, []cachestore.CachedDBOption{cachestore.WithKeyFunction(func(key, _ string, _ int) string { return key })},
			"django.contrib.sessions.cached_db"},
	} {
		t.Run(name, func(t *testing.T) {
			site := newCachedDB(t)
			s := openCachedDB(t, site, c.engine, c.opts...).NewSession()
			put(t, s, "a", 1)
			store(t, s)
			if got := site.cache.taken(); !slices.Equal(got, []string{c.prefix + s.Key()}) {
				t.Errorf("deleted %d copies, and not that under %q", len(got), c.prefix)
			}
		})
	}
}

// TestCachedDBEngine: what cannot work is refused when it is opened.
func TestCachedDBEngine(t *testing.T) {
	site := newCachedDB(t)
	rows := dbstore.New(site.db)
	for name, c := range map[string]struct {
		engine  django.Engine
		setting string
		problem string
	}{
		"db":                {cachestore.NewCachedDB(rows, site.cache), django.EngineDB, "SESSION_ENGINE"},
		"cache":             {cachestore.NewCachedDB(rows, site.cache), django.EngineCache, "SESSION_ENGINE"},
		"qsessions' db":     {cachestore.NewCachedDB(rows, site.cache), "qsessions.backends.db", "SESSION_ENGINE"},
		"no rows":           {cachestore.NewCachedDB(nil, site.cache), django.EngineCachedDB, "dbstore.New"},
		"no cache":          {cachestore.NewCachedDB(rows, nil), django.EngineCachedDB, "a cache"},
		"rows in the cache": {cachestore.NewCachedDB(cachestore.New(site.cache), site.cache), django.EngineCachedDB, "dbstore.New"},
		"no wait":           {cachestore.NewCachedDB(rows, site.cache, cachestore.WithCacheWait(0)), django.EngineCachedDB, "WithCacheWait"},
		"second delete":     {cachestore.NewCachedDB(rows, site.cache, cachestore.WithSecondDelete(-1)), django.EngineCachedDB, "WithSecondDelete"},
		"rows' options":     {cachestore.NewCachedDB(dbstore.New(site.db, dbstore.WithKeyLength(1)), site.cache), django.EngineCachedDB, "WithKeyLength"},
		"rows alone":        {rows, django.EngineCachedDB, "NewCachedDB"},
	} {
		if _, err := django.New(cachedDBSettings(c.setting), c.engine); err == nil || !strings.Contains(err.Error(), c.problem) {
			t.Errorf("%s: %v, want an error about %s", name, err, c.problem)
		}
	}
}

// TestCachedDBRows: what else the rows' store can do, can be reached.
func TestCachedDBRows(t *testing.T) {
	site := newCachedDB(t)
	s := saved(t, site)
	cached := site.Store().(*cachestore.CachedDB)
	if exists, err := cached.Rows().(*dbstore.Store).Exists(t.Context(), s.Key()); !exists || err != nil {
		t.Errorf("Exists: %t, %v", exists, err)
	}
	if n, err := cached.Count(t.Context(), django.Filter{Now: site.Now()}); n != 1 || err != nil {
		t.Errorf("Count: %d, %v", n, err)
	}
	for l, err := range cached.List(t.Context(), django.Filter{Now: site.Now()}) {
		if err != nil || l.Key != s.Key() {
			t.Errorf("List: %v", err)
		}
	}
	if cached.Capabilities() != cached.Rows().Capabilities() {
		t.Error("the capabilities are not those of the rows")
	}
}

// TestCachedDBTransaction: what Django copies between a save in a transaction and the commit goes
// with Forget.
func TestCachedDBTransaction(t *testing.T) {
	site := newCachedDB(t)
	key := saved(t, site).Key()
	tx := site.db.MustBegin()
	defer func() { _ = tx.Rollback() }()
	ss, err := site.With(cachestore.NewCachedDB(dbstore.New(tx), site.cache))
	if err != nil {
		t.Fatal(err)
	}
	s, err := ss.Load(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "a", 2)
	store(t, s)
	site.copies(t, key, map[string]any{"a": 1})
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := site.Store().(*cachestore.CachedDB).Forget(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if site.hasCopy(t, key) || number(t, fetch(t, site.Sessions, key), "a") != 2 {
		t.Error("the copy is still there, or the row was not saved")
	}
}

// TestCachedDBCheck: a cache in which Django's copies cannot be is noticed.
func TestCachedDBCheck(t *testing.T) {
	site := newCachedDB(t)
	check := func(warns bool) {
		t.Helper()
		site.log.Take()
		if err := site.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		if text := site.log.Take(); strings.Contains(text, "KEY_PREFIX") != warns {
			t.Errorf("the log is %q", text)
		}
	}
	check(false)
	s := saved(t, site)
	check(true)
	saved(t, site)
	site.copies(t, s.Key(), map[string]any{"a": 1})
	check(false)
	site.db.MustExec("ALTER TABLE django_session RENAME TO elsewhere")
	if err := site.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "dbstore: check") {
		t.Errorf("Check: %v", err)
	}
}
