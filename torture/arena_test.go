package torture

import (
	"database/sql"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
)

// An arena is a database or a cache that Go and Django share.
type arena struct {
	report      *report
	column      string            // of the table
	database    *testenv.Database // nil if there is only a cache, or files
	place       place             // of the cache; with a database that of cached_db
	watch       *watch            // nil for a database
	lossy       bool              // acknowledged writes may be lost, and are only counted
	lossyDjango bool              // a few of those of Django
	parameters  []string          // of the DSN of Go's writers
	pooled      bool              // by PgBouncer in transaction mode
	newest      testenv.Django
	workers     []*testenv.Worker // maybe none for a cache
	judge       *testenv.Worker   // one of them
	codec       *django.Codec
	db          *sql.DB

	keys     []string // of the shared sessions
	hammered int      // of a cache: the first so many have a worker with Django's engine each
	counter  string   // of the counter's session
}

// newArena has the newest Django migrate a database, installs the trail's triggers and
// starts the given number of Django workers.
func newArena(t *testing.T, column string, database *testenv.Database, workers int, parameters ...string) *arena {
	t.Helper()
	return newArenaIn(t, &arena{report: &databases, column: column, database: database, parameters: parameters}, workers)
}

func newArenaIn(t *testing.T, a *arena, workers int) *arena {
	t.Helper()
	a.newest = testenv.NewestDjango(t)
	a.open(t, workers)
	testenv.Tell(t, a.judge, "migrate", testenv.Args{"app": "sessions"})
	for _, statement := range trails[a.database.Vendor] {
		a.execute(t, statement)
	}
	return a
}

func (a *arena) open(t *testing.T, workers int) {
	t.Helper()
	a.workers = a.djangos(t, workers, nil)
	a.judge = a.workers[0]
	a.codec = newCodec(t, a.newest.Name)
	a.db = a.database.Connect(t, a.parameters...)
	a.db.SetMaxIdleConns(0) // no connection broken by a fault
}

// behind is the same arena, connected to through another address.
func (a *arena) behind(t *testing.T, way *testenv.Database) *arena {
	t.Helper()
	other := *a
	other.database = way
	other.open(t, current.stormers)
	return &other
}

// stormers are the Django workers that write while there are faults.
func (a *arena) stormers() []*testenv.Worker {
	return a.workers[:min(len(a.workers), current.stormers)]
}

func newCodec(t *testing.T, version string) *django.Codec {
	t.Helper()
	codec, err := django.NewCodec(siteSettings(version), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return codec
}

func (a *arena) execute(t *testing.T, statement string) {
	t.Helper()
	if _, err := a.db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// djangos starts Django workers, with fields added to the entry of their database.
func (a *arena) djangos(t *testing.T, n int, fields map[string]any) []*testenv.Worker {
	t.Helper()
	config := testenv.Config{
		Database: a.database, DatabaseFields: fields,
		Settings: map[string]any{"SECRET_KEY": secret, "USE_TZ": true, "TIME_ZONE": "UTC"},
	}
	maps.Copy(config.Settings, a.place.settings(a.database != nil))
	workers, errs := make([]*testenv.Worker, n), make([]error, n)
	var starting sync.WaitGroup
	for i := range n {
		starting.Go(func() {
			workers[i], errs[i] = a.newest.StartWorker(config)
		})
	}
	starting.Wait()
	for i, w := range workers {
		if errs[i] != nil {
			t.Error(errs[i])
			continue
		}
		t.Cleanup(func() {
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	if t.Failed() {
		t.FailNow()
	}
	return workers
}

// refresh replaces the sessions with new ones.
func (a *arena) refresh(t *testing.T) {
	t.Helper()
	if a.database == nil {
		a.refreshCache(t)
		return
	}
	a.execute(t, "DELETE FROM django_session")
	a.execute(t, "DELETE FROM trail")
	values := fixtures.NewDict(
		fixtures.Pair{Key: userKey, Value: fixtures.NewStr(user)},
		fixtures.Pair{Key: "cart", Value: fixtures.NewStr(payload)},
	)
	sessions := slices.Repeat([]testenv.Args{{"values": values}}, current.sessions+1)
	a.keys = nil
	for _, row := range testenv.Ask[[]testenv.Row](t, a.judge, "create_many", testenv.Args{"sessions": sessions}) {
		a.keys = append(a.keys, row.SessionKey)
	}
	a.counter, a.keys = a.keys[0], a.keys[1:]
}

// order returns the order for a Go process in this arena.
func (a *arena) order(role, name string) order {
	secrets := append([]string{secret, payload, a.counter}, a.keys...)
	o := order{
		Role: role, Name: name, Place: a.place, Watch: a.watch, Django: a.newest.Name, Keys: a.keys, Counter: a.counter,
		Goroutines: current.goroutines / current.processes, Rest: current.rest, Secrets: secrets,
	}
	if role == writing && !full() {
		o.Timeout = writePatience // the machine is busy with other tests, and a write rejected for that would be one of few
	}
	if a.database == nil {
		return o
	}
	o.Driver, o.DSN = a.database.Driver(), a.database.DSN(a.parameters...)
	if u, err := url.Parse(a.database.URL()); err == nil && u.User != nil {
		password, _ := u.User.Password()
		o.Secrets = append(o.Secrets, password)
	}
	return o
}

// orders returns the orders for all Go processes: g0, g1 and so on.
func (a *arena) orders(role string) []order {
	orders := make([]order, current.processes)
	for i := range orders {
		orders[i] = a.order(role, fmt.Sprint("g", i))
	}
	return orders
}
