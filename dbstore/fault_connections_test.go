package dbstore_test

import (
	"errors"
	"strconv"
	"sync"
	"testing"

	"github.com/djsession/djsession/django"
)

// TestConnectionsEnd: the server ends all connections that the pool holds. The next
// operation does not fail for that, whatever it is.
func TestConnectionsEnd(t *testing.T) {
	onNetwork(t, func(t *testing.T, n *network) {
		const pooled = 40
		n.direct.SetMaxOpenConns(1) // the one that is spared
		s := having(t, n.calm, "n", 1)
		key := s.Key()
		runs := 0
		for _, c := range []struct {
			name string
			do   func(t *testing.T) error
		}{
			{"load", func(t *testing.T) error { _, err := n.patient.Load(t.Context(), key); return err }},
			{"save", func(t *testing.T) error { return s.Save(t.Context()) }},
			{"create", func(t *testing.T) error { return n.patient.NewSession().Save(t.Context()) }},
			{"update", func(t *testing.T) error { return n.patient.Update(t.Context(), key, increment(&runs)) }},
			{"request", func(t *testing.T) error { works(t, n.patient, key, "n b", "c", 3); return nil }},
			{"delete", func(t *testing.T) error { return n.patient.Delete(t.Context(), key) }},
		} {
			t.Run(c.name, func(t *testing.T) {
				if c.name == "save" {
					s = load(t, n.patient, key)
					set(t, s, "b", 2)
				}
				warm(t, n.db, pooled)
				n.endConnections(t, pooled)
				if err := c.do(t); err != nil {
					t.Error(err)
				}
			})
		}
		if runs != 1 {
			t.Errorf("the function ran %d times", runs)
		}
		if got := stored(t, n.direct); len(got) != 1 {
			t.Errorf("%d sessions are left, want the created one", len(got))
		}
	})
}

// TestUsedConnectionsEnd: the same to a save on connections that have all saved before, so
// that each of them takes the statement before its end is noticed.
func TestUsedConnectionsEnd(t *testing.T) {
	onNetwork(t, func(t *testing.T, n *network) {
		const pooled = 12
		n.direct.SetMaxOpenConns(1)
		n.db.SetMaxIdleConns(pooled)
		var sessions [pooled]*django.Session
		for i := range sessions {
			sessions[i] = having(t, n.patient, "a", i)
		}
		for round := range 2 {
			unlock := lockTable(t, n.direct)
			var all sync.WaitGroup
			for _, s := range sessions {
				all.Go(func() {
					if err := errors.Join(s.Set("round", round), s.Save(t.Context())); err != nil {
						t.Error(err)
					}
				})
			}
			eventually(t, "every save's having a connection", func() bool { return n.db.Stats().InUse == pooled })
			unlock()
			all.Wait()
		}
		n.endConnections(t, pooled)
		s := sessions[0]
		set(t, s, "b", 2)
		save(t, s)
		if got, want := stored(t, n.direct)[s.Key()], `{"a":0,"round":1,"b":2}`; got != want {
			t.Errorf("stored is %s, want %s", got, want)
		}
	})
}

// endConnections has the server end the pool's connections.
func (n *network) endConnections(t testing.TB, pooled int) {
	t.Helper()
	if n.direct.DriverName() == "pgx" {
		if ended := count(t, n.direct, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"); ended < pooled {
			t.Errorf("%d connections ended", ended)
		}
	} else {
		var ids []int
		if err := n.direct.Select(&ids, "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"); err != nil {
			t.Fatal(err)
		}
		if len(ids) < pooled {
			t.Errorf("%d connections end", len(ids))
		}
		for _, id := range ids {
			n.direct.MustExec("KILL " + strconv.Itoa(id))
		}
	}
	eventually(t, "the connections' end", func() bool { return connections(t, n.direct) == 0 })
}
