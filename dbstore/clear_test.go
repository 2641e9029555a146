package dbstore_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/internal/testenv"
)

// TestClearGoesOn: a batch that another writer prolonged or deleted as a whole, while
// ClearExpired waited for it, is not the last.
func TestClearGoesOn(t *testing.T) {
	for name, change := range map[string]string{
		"prolonged": "UPDATE django_session SET expire_date = now() + interval '1 day' WHERE session_key = $1",
		"deleted":   "DELETE FROM django_session WHERE session_key = $1",
	} {
		t.Run(name, func(t *testing.T) {
			db := connect(t, withTable(t, testenv.PostgreSQLVendor))
			for _, letter := range []string{"a", "b", "c"} {
				db.MustExec("INSERT INTO django_session VALUES ($1, 'x', now() - interval '1 day')", strings.Repeat(letter, 32))
			}
			tx := db.MustBegin()
			defer tx.Rollback()
			var first string
			if err := tx.Get(&first, "SELECT session_key FROM django_session WHERE expire_date < now() LIMIT 1"); err != nil {
				t.Fatal(err)
			}
			tx.MustExec(change, first)
			cleared := make(chan struct{})
			go func() {
				defer close(cleared)
				if n, err := newSessions(t, db, dbstore.WithBatch(1)).Store().ClearExpired(t.Context(), time.Now()); n != 2 || err != nil {
					t.Errorf("cleared %d, %v", n, err)
				}
			}()
			eventually(t, "waiting for the lock", func() bool {
				return count(t, db, "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()") > 0
			})
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
			done(t, cleared, "the end of ClearExpired")
			if left := count(t, db, "SELECT COUNT(*) FROM django_session WHERE expire_date < now()"); left != 0 {
				t.Errorf("%d expired sessions are left", left)
			}
		})
	}
}

// TestClearEnds: rows that a trigger keeps do not make ClearExpired run for ever.
func TestClearEnds(t *testing.T) {
	db := connect(t, withTable(t, testenv.PostgreSQLVendor))
	db.MustExec("CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$")
	db.MustExec("CREATE TRIGGER keep BEFORE DELETE ON django_session FOR EACH ROW EXECUTE PROCEDURE keep()")
	db.MustExec("INSERT INTO django_session VALUES ($1, 'x', now() - interval '1 day')", strings.Repeat("a", 32))
	if n, err := newSessions(t, db).ClearExpired(limited(t, 20*time.Second)); n != 0 || err != nil {
		t.Errorf("cleared %d, %v", n, err)
	}
}

// TestClearInBetween: a session that another writer prolongs between two batches survives, and
// a context that ends between them leaves the rest as it is.
func TestClearInBetween(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		store := newSessions(t, db, dbstore.WithBatch(10)).Store().(*dbstore.Store)
		for name, want := range map[string]error{"prolonged": nil, "canceled": context.Canceled} {
			db.MustExec("DELETE FROM django_session")
			for range 25 {
				s := newSessions(t, db).NewSession()
				if err := s.SetExpiry(-time.Hour); err != nil {
					t.Fatal(err)
				}
				save(t, s)
			}
			ctx, cancel := context.WithCancel(t.Context())
			n, err := store.ClearExpiredProgress(ctx, time.Now(), func(int64) {
				if want != nil {
					cancel()
					return
				}
				db.MustExec("UPDATE django_session SET expire_date = '2130-01-01 00:00:00'")
			})
			cancel()
			if left := count(t, db, "SELECT COUNT(*) FROM django_session"); n != 10 || !errors.Is(err, want) || left != 15 {
				t.Errorf("%s: cleared %d, %v; %d are left", name, n, err, left)
			}
		}
	})
}

// TestClearLetsOthersIn: a writer that waits for SQLite's lock as Django does gets it between two
// batches.
func TestClearLetsOthersIn(t *testing.T) {
	d := withTable(t, testenv.SQLiteVendor)
	db, other := connect(t, d), connect(t, d, "_pragma=busy_timeout(60000)")
	fill(t, db, 16000, "2020-01-01 00:00:00", "old")
	fill(t, db, 1, "2130-01-01 00:00:00", "new")
	var (
		written atomic.Bool
		batches int
		early   bool // written before the last batch
		done    = make(chan struct{})
	)
	store := newSessions(t, db, dbstore.WithBatch(2000)).Store().(*dbstore.Store)
	n, err := store.ClearExpiredProgress(t.Context(), time.Now(), func(removed int64) {
		if batches++; batches == 1 {
			go func() {
				defer close(done)
				other.MustExec("UPDATE django_session SET session_data = 'newer' WHERE session_data = 'new'")
				written.Store(true)
			}()
		}
		early = early || removed < 16000 && written.Load()
	})
	if n != 16000 || err != nil || !early {
		t.Errorf("cleared %d, %v; the other writer got in: %v", n, err, early)
	}
	<-done
}
