package dbstore_test

import (
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// refusals counts the errors whose text contains text.
type refusals struct {
	text    string
	n       atomic.Int32
	columns map[string]any // extra ones
}

// sessions returns sessions whose store reports its errors to r and logs nothing.
func (r *refusals) sessions(t testing.TB, db *sqlx.DB, opts ...django.Option) *django.Sessions {
	t.Helper()
	return quietOn(t, dbstore.New(db, dbstore.WithErrorKind(func(err error) dbstore.ErrorKind {
		if strings.Contains(err.Error(), r.text) {
			r.n.Add(1)
		}
		return dbstore.KindOther
	}), extra(r.columns)), opts...)
}

// TestSerializationFailures: under the stricter isolation levels PostgreSQL refuses the
// writers that waited for another one of the same session, and all land.
func TestSerializationFailures(t *testing.T) {
	for name, isolation := range map[string]string{"serializable": "serializable", "repeatable read": "repeatable%20read"} {
		t.Run(name, func(t *testing.T) {
			d := withTable(t, testenv.PostgreSQLVendor)
			direct := connect(t, d)
			db := connect(t, d, "default_transaction_isolation="+isolation)
			failures := &refusals{text: "40001"}
			const writers = 4
			key := having(t, quiet(t, direct), "n", 0).Key()

			tx := begin(t, direct, sql.LevelDefault)
			if _, err := tx.Exec("UPDATE django_session SET expire_date = expire_date"); err != nil {
				t.Fatal(err)
			}
			var all sync.WaitGroup
			for i := range writers {
				ss := failures.sessions(t, db) // the updates of one Sessions would take turns
				s := load(t, ss, key)
				set(t, s, "k"+strconv.Itoa(i), i)
				all.Go(func() {
					if err := s.Save(t.Context()); err != nil {
						t.Error(err)
					}
				})
				all.Go(func() {
					runs := 0
					if err := ss.Update(t.Context(), key, increment(&runs)); err != nil {
						t.Error(err)
					}
				})
			}
			eventually(t, "the writers' waiting", func() bool { return waiting(t, direct) == 2*writers })
			if err := tx.Commit(); err != nil {
				t.Error(err)
			}
			all.Wait()
			if failures.n.Load() == 0 {
				t.Error("no writer was refused")
			}
			s := load(t, quiet(t, direct), key)
			if s.Len() != 1+writers {
				t.Errorf("keys are %q", keys(s))
			}
			if n, err := django.Value(s, "n", 0); err != nil || n != writers {
				t.Errorf("the counter is %d, want %d (%v)", n, writers, err)
			}
		})
	}
}

// TestDeadlock: the database ends a real deadlock by failing the session's save, which is
// retried and succeeds. Another transaction has inserted a row whose key, or another unique
// column, has the value that the save writes: the save locks the session's row and waits for
// the transaction, which then asks for the session's row.
func TestDeadlock(t *testing.T) {
	for name, c := range map[string]struct {
		vendor     testenv.Vendor
		parameters []string
		state      string
		patience   string // of the other party
	}{
		"PostgreSQL": {testenv.PostgreSQLVendor, []string{"deadlock_timeout=1500ms"}, "40P01", "SET deadlock_timeout = '10s'"},
		"MariaDB":    {testenv.MySQLVendor, nil, "1213", "SET innodb_lock_wait_timeout = 60"},
	} {
		t.Run(name+" to a new key", func(t *testing.T) {
			t.Parallel()
			deadlocks := &refusals{text: c.state}
			endsDeadlock(t, c.vendor, c.parameters, c.patience, deadlocks, func(ss *django.Sessions, s *django.Session) (string, error) {
				rec, err := ss.Store().Load(t.Context(), s.Key(), ss.Now())
				if err != nil {
					return "", err
				}
				_, err = ss.Store().Save(t.Context(), rec, django.Write{Key: takenKey, Expires: ss.Now().Add(time.Hour)})
				return takenKey, err
			})
		})
		t.Run(name+" with Session.Save", func(t *testing.T) {
			t.Parallel()
			deadlocks := &refusals{text: c.state, columns: map[string]any{"seat": 7}}
			endsDeadlock(t, c.vendor, c.parameters, c.patience, deadlocks, func(_ *django.Sessions, s *django.Session) (string, error) {
				s.MarkModified()
				return s.Key(), s.Save(t.Context())
			})
		})
	}
}

var takenKey = strings.Repeat("t", 32)

// endsDeadlock has save, which returns the session's key, meet another transaction.
func endsDeadlock(t *testing.T, vendor testenv.Vendor, parameters []string, patience string, deadlocks *refusals,
	save func(*django.Sessions, *django.Session) (string, error)) {
	d := withTable(t, vendor)
	direct := connect(t, d)
	direct.MustExec("ALTER TABLE django_session ADD COLUMN seat integer UNIQUE")
	ss := deadlocks.sessions(t, connect(t, d, parameters...))
	key := having(t, quiet(t, direct), "a", 1).Key()
	s := load(t, ss, key)

	tx := begin(t, direct, sql.LevelDefault)
	if _, err := tx.Exec(patience); err != nil {
		t.Fatal(err)
	}
	// Many rows, so that the database rather gives up the session's write.
	insert := "INSERT INTO django_session VALUES ('" + takenKey + "', 'x', '2100-01-01', 7)"
	for i := range 20 {
		insert += ", ('filler0" + strconv.Itoa(100+i) + "', 'x', '2100-01-01', NULL)"
	}
	if _, err := tx.Exec(insert); err != nil {
		t.Fatal(err)
	}
	saved := make(chan error, 1)
	var savedKey string
	go func() {
		var err error
		savedKey, err = save(ss, s)
		saved <- err
	}()
	eventually(t, "the save to wait for the other transaction", func() bool { return waiting(t, direct) == 1 })
	if _, err := tx.Exec(tx.Rebind("UPDATE django_session SET session_data = session_data WHERE session_key = ?"), key); err != nil {
		t.Errorf("the other transaction: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
	if err := <-saved; err != nil {
		t.Error(err)
	}
	if deadlocks.n.Load() == 0 {
		t.Error("there was no deadlock")
	}
	holds(t, direct, savedKey, `{"a":1}`)
}

// waiting returns how many statements wait for a lock; on MariaDB and MySQL, how many have been under
// way for so long that nothing else explains it, since what it tells about locks is old when
// it is asked often.
func waiting(t testing.TB, db *sqlx.DB) int {
	t.Helper()
	if db.DriverName() == "pgx" {
		return count(t, db, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
	}
	long := "time_ms > 200"
	if testenv.Instead("mysql") {
		long = "time > 1" // seconds, cut off
	}
	return count(t, db, "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND command <> 'Sleep' AND id <> CONNECTION_ID() AND "+long)
}

// TestLockWaitEnds: a row stays locked for longer than the database waits for it, but not
// longer than dbstore does.
func TestLockWaitEnds(t *testing.T) {
	for name, c := range map[string]struct {
		vendor    testenv.Vendor
		parameter string
		state     string
	}{
		"PostgreSQL": {testenv.PostgreSQLVendor, "lock_timeout=50ms", "55P03"},
		"MariaDB":    {testenv.MySQLVendor, "innodb_lock_wait_timeout=1", "1205"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := withTable(t, c.vendor)
			direct := connect(t, d)
			timeouts := &refusals{text: c.state}
			ss := timeouts.sessions(t, connect(t, d, c.parameter))
			s := having(t, ss, "a", 1)
			tx := begin(t, direct, sql.LevelDefault)
			if _, err := tx.Exec(tx.Rebind("SELECT session_key FROM django_session WHERE session_key = ? FOR UPDATE"), s.Key()); err != nil {
				t.Fatal(err)
			}
			set(t, s, "b", 2)
			saved := make(chan error, 1)
			go func() { saved <- s.Save(t.Context()) }()
			eventually(t, "the end of the database's patience", func() bool { return timeouts.n.Load() > 0 })
			if err := tx.Rollback(); err != nil {
				t.Error(err)
			}
			if err := <-saved; err != nil {
				t.Error(err)
			}
			holds(t, direct, s.Key(), `{"a":1,"b":2}`)
		})
	}
}

// TestSnapshotIsolation: MariaDB's refuses a transaction that has seen the session before
// another writer changed it; the caller starts again.
func TestSnapshotIsolation(t *testing.T) {
	if testenv.Instead("mysql") {
		t.Skip("MySQL has no innodb_snapshot_isolation")
	}
	d := withTable(t, testenv.MySQLVendor)
	db := connect(t, d, "innodb_snapshot_isolation=1")
	changed := &refusals{text: "1020"}
	ss := changed.sessions(t, db)
	s := having(t, ss, "a", 1)
	tries := 0
	for {
		tries++
		tx := begin(t, db, sql.LevelRepeatableRead)
		inTx, err := ss.With(dbstore.New(tx, dbstore.WithErrorKind(func(err error) dbstore.ErrorKind {
			if strings.Contains(err.Error(), changed.text) {
				changed.n.Add(1)
			}
			return dbstore.KindOther
		})))
		if err != nil {
			t.Fatal(err)
		}
		mine := load(t, inTx, s.Key())
		if tries == 1 {
			set(t, s, "other", 1)
			save(t, s)
		}
		set(t, mine, "mine", 1)
		err = mine.Save(t.Context())
		if err == nil {
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
			break
		}
		if !errors.Is(err, django.ErrConflict) || tries > 1 {
			t.Fatalf("try %d: %v", tries, err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
	if changed.n.Load() == 0 {
		t.Error("MariaDB refused nothing")
	}
	holds(t, db, s.Key(), `{"a":1,"other":1,"mine":1}`)
}
