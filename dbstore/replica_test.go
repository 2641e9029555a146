package dbstore_test

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// routed reads from a replica and writes to the primary, as some proxies and drivers do.
type routed struct {
	*sqlx.DB // the replica
	primary  *sqlx.DB
}

func (r routed) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return r.primary.ExecContext(ctx, query, args...)
}

// TestReadsFromAReplica: a replica that is behind shows sessions that have changed or ended
// since, but no save overwrites what it does not show: it fails until the replica shows it, and
// merges with it then. The replica is a synchronous one, whose disk has everything: it is behind
// in what it shows all the same.
func TestReadsFromAReplica(t *testing.T) {
	testenv.MatrixOnly(t)
	primary := testenv.PostgreSQL(t, testenv.Durable(), unsynced)
	d := primary.NewDatabase(t)
	d.CreateSessionTable(t)
	standby := testenv.Standby(t, primary, testenv.Durable(), unsynced)
	db, replica := connect(t, d), connect(t, standby.Database(d.Name))
	ss := newSessions(t, db)
	behind := newSessions(t, routed{replica, db}, dbstore.WithDialect(dbstore.PostgreSQL))

	changed, ended := saved(t, ss), saved(t, ss)
	replayed := func() { // what the primary has now
		t.Helper()
		var lsn string
		if err := db.Get(&lsn, "SELECT pg_current_wal_lsn()"); err != nil {
			t.Fatal(err)
		}
		for start := time.Now(); ; time.Sleep(5 * time.Millisecond) {
			var there bool
			if err := replica.Get(&there, "SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn", lsn); err != nil {
				t.Fatal(err)
			}
			if there {
				return
			}
			if time.Since(start) > time.Minute {
				t.Fatal("the replica does not catch up")
			}
		}
	}
	replayed()
	if _, err := replica.Exec("SELECT pg_wal_replay_pause()"); err != nil {
		t.Fatal(err)
	}
	set(t, changed, "b", 2)
	save(t, changed)
	if err := ss.Store().Delete(t.Context(), ended.Key()); err != nil {
		t.Fatal(err)
	}
	started := saved(t, ss) // a login, say

	s, gone := load(t, behind, changed.Key()), load(t, behind, ended.Key()) // logged out, and shown
	if got := keys(s); got != "a" {
		t.Fatalf("the replica shows %s, so it is not behind", got)
	}
	for what, s := range map[string]*django.Session{"changed": s, "ended": gone} {
		set(t, s, "c", 3)
		if err := s.Save(t.Context()); !errors.Is(err, django.ErrConflict) {
			t.Errorf("Save of what has %s on the primary: %v, want ErrConflict", what, err)
		}
	}
	if got := keys(load(t, ss, changed.Key())); got != "a b" {
		t.Errorf("the primary has %s, want a b", got)
	}

	// A visitor who has just logged in loses the cookie.
	r, w := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil), httptest.NewRecorder()
	r.AddCookie(&http.Cookie{Name: "sessionid", Value: started.Key()})
	behind.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if s, err := behind.Get(r); err != nil || s.Has("a") {
			t.Errorf("%v; the replica shows a session that is not there yet", err)
		}
	})).ServeHTTP(w, r)
	if c := w.Result().Cookies(); len(c) != 1 || c[0].Value != "" {
		t.Errorf("the response's cookies are %v, want one that deletes the visitor's", c)
	}

	// A store that reads and writes there cannot write, and keeps no cookie.
	readOnly, err := ss.With(dbstore.New(replica))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readOnly.Load(t.Context(), started.Key()); !errors.Is(err, django.ErrNotFound) {
		t.Errorf("Load: %v, want ErrNotFound", err)
	}
	only := load(t, readOnly, changed.Key())
	set(t, only, "c", 3)
	if err := only.Save(t.Context()); err == nil || errors.Is(err, django.ErrOutcomeUnknown) {
		t.Errorf("Save on the replica: %v, want an error that nothing was stored", err)
	}

	if _, err := replica.Exec("SELECT pg_wal_replay_resume()"); err != nil {
		t.Fatal(err)
	}
	replayed()
	save(t, s)
	if got := keys(load(t, ss, changed.Key())); got != "a b c" {
		t.Errorf("after the merge the primary has %s, want a b c", got)
	}
	if err := gone.Save(t.Context()); !errors.Is(err, django.ErrInterrupted) {
		t.Errorf("Save of the session that has ended: %v, want ErrInterrupted", err)
	}
}
