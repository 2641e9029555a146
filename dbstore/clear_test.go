package dbstore_test

import (
	"strings"
	"testing"
	"time"

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
	db.MustExec("CREATE TRIGGER keep BEFORE DELETE ON django_session FOR EACH ROW EXECUTE FUNCTION keep()")
	db.MustExec("INSERT INTO django_session VALUES ($1, 'x', now() - interval '1 day')", strings.Repeat("a", 32))
	if n, err := newSessions(t, db).ClearExpired(limited(t, 20*time.Second)); n != 0 || err != nil {
		t.Errorf("cleared %d, %v", n, err)
	}
}
