package dbstore_test

import (
	"database/sql"
	"errors"
	"strconv"
	"sync"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// unsynced saves time: what a killed PostgreSQL had written is safe with the kernel,
// which goes on.
var unsynced = testenv.WithSetting("fsync", "off")

// onItsOwnServer runs a test on servers that it may kill, and that keep what they have
// acknowledged.
func onItsOwnServer(t *testing.T, test func(t *testing.T, s *testenv.Server, d *testenv.Database)) {
	for name, start := range map[string]func(t *testing.T) *testenv.Server{
		"PostgreSQL": func(t *testing.T) *testenv.Server { return testenv.PostgreSQL(t, testenv.Durable(), unsynced) },
		"MariaDB":    func(t *testing.T) *testenv.Server { return testenv.MariaDB(t, testenv.Durable()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			d := s.NewDatabase(t)
			d.CreateSessionTable(t)
			test(t, s, d)
		})
	}
}

// warm has the pool hold so many connections.
func warm(t testing.TB, db *sqlx.DB, n int) {
	t.Helper()
	db.SetMaxIdleConns(n)
	conns := make([]*sql.Conn, n)
	var all sync.WaitGroup
	for i := range conns {
		all.Go(func() {
			for tries := 0; ; tries++ { // a stale one is noticed when it is used
				conn, err := db.Conn(t.Context())
				if err == nil {
					err = conn.PingContext(t.Context())
				}
				if err == nil || tries > 2*n {
					conns[i] = conn
					return
				}
				_ = conn.Close()
			}
		})
	}
	all.Wait()
	for _, conn := range conns {
		_ = conn.Close()
	}
	if got := db.Stats().Idle; got != n {
		t.Fatalf("%d connections are idle, want %d", got, n)
	}
}

// TestServerFails: a server that is killed or does not answer is an error for the time
// that takes, and the first request afterwards finds the session, whatever connections
// the pool has kept.
func TestServerFails(t *testing.T) {
	onItsOwnServer(t, func(t *testing.T, server *testenv.Server, d *testenv.Database) {
		db := connect(t, d)
		ss, patient := quiet(t, db, django.WithTimeout(impatience)), quiet(t, db)
		key := having(t, ss, "a", 1).Key()
		json := `{"a":1}`
		n := 0
		next := func(t *testing.T) { // a request that works
			t.Helper()
			before := keys(load(t, quiet(t, connect(t, d)), key))
			n++
			name := "k" + strconv.Itoa(n)
			works(t, patient, key, before, name, n)
			json = json[:len(json)-1] + `,"` + name + `":` + strconv.Itoa(n) + "}"
			holds(t, connect(t, d), key, json)
		}
		failing := func(t *testing.T) {
			t.Helper()
			fails(t, ss, key, setting(t, ss, "lost", true))
			fails(t, ss, key, unheeding(ss))
			fails(t, ss, "", setting(t, ss, "lost", true)) // a new visitor's
			if _, err := ss.Load(limited(t, impatience), key); err == nil || errors.Is(err, django.ErrNotFound) {
				t.Errorf("Load: %v", err)
			}
		}
		t.Run("killed", func(t *testing.T) {
			warm(t, db, 8)
			kill(t, server)
			failing(t)
			restart(t, server)
			next(t)
		})
		t.Run("killed unnoticed", func(t *testing.T) {
			warm(t, db, 8)
			kill(t, server)
			restart(t, server)
			next(t)
		})
		t.Run("killed between load and save", func(t *testing.T) {
			s := load(t, ss, key)
			warm(t, db, 16)
			kill(t, server)
			restart(t, server)
			set(t, s, "saved", true)
			if err := s.Save(t.Context()); err != nil {
				t.Errorf("Save, with the server there: %v", err)
				save(t, s) // for what comes after this
			}
			json = json[:len(json)-1] + `,"saved":true}`
			holds(t, connect(t, d), key, json)
		})
		t.Run("killed before flush", func(t *testing.T) {
			other := having(t, ss, "other", 1)
			warm(t, db, 8)
			kill(t, server)
			if err := other.Flush(limited(t, impatience)); err == nil {
				t.Error("Flush took nothing for done")
			}
			restart(t, server)
			warm(t, db, 8)
			kill(t, server)
			restart(t, server)
			if err := other.Flush(t.Context()); err != nil {
				t.Error(err)
			}
			holds(t, connect(t, d), key, json)
		})
		t.Run("restarted", func(t *testing.T) {
			warm(t, db, 8)
			restart(t, server)
			next(t)
		})
		t.Run("paused", func(t *testing.T) {
			warm(t, db, 8)
			if err := server.Pause(); err != nil {
				t.Fatal(err)
			}
			failing(t)
			if err := server.Resume(); err != nil {
				t.Fatal(err)
			}
			next(t)
		})
		if server.Vendor == testenv.PostgreSQLVendor {
			t.Run("promoted", func(t *testing.T) { promote(t, server, d) })
		}
	})
}

func kill(t testing.TB, s *testenv.Server) {
	t.Helper()
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
}

func restart(t testing.TB, s *testenv.Server) {
	t.Helper()
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// promote replaces a PostgreSQL server by its synchronous standby: what was acknowledged is
// there, and the pool finds it.
func promote(t *testing.T, primary *testenv.Server, d *testenv.Database) {
	standby := testenv.Standby(t, primary, testenv.Durable(), unsynced)
	through, proxy := d.Proxied(t)
	db := connect(t, through)
	ss, impatient := quiet(t, db), quiet(t, db, django.WithTimeout(impatience))

	s := having(t, ss, "n", 0)
	const writers, each = 4, 5
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			runs := 0
			for range each {
				if err := ss.Update(t.Context(), s.Key(), increment(&runs)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	kill(t, primary)
	fails(t, impatient, s.Key(), setting(t, impatient, "lost", true))
	if err := standby.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	proxy.SetTarget(standby.Addr())
	works(t, ss, s.Key(), "n", "after", true)
	if got, want := stored(t, db)[s.Key()], `{"n":20,"after":true}`; got != want {
		t.Errorf("stored is %s, want %s", got, want)
	}
}
