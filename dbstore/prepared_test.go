package dbstore_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/internal/testenv"
)

// TestPreparedOnSQLite: statements are kept prepared on several connections, and what happens to
// the table in between counts as it does without.
func TestPreparedOnSQLite(t *testing.T) {
	d := withTable(t, testenv.SQLiteVendor)
	db := connect(t, d)
	ss := quiet(t, db)
	everyone := func(step string, want dbstore.ErrorKind) {
		t.Helper()
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				s := ss.NewSession()
				err := errors.Join(s.Set("a", 1), s.Save(t.Context()))
				if err == nil {
					s, err = ss.Load(t.Context(), s.Key())
				}
				if err == nil {
					err = errors.Join(s.Set("b", 1), s.Save(t.Context()), s.Flush(t.Context()))
				}
				var e *dbstore.Error
				if want == dbstore.KindOther && err != nil || want != dbstore.KindOther && (!errors.As(err, &e) || e.Kind != want) {
					t.Errorf("%s: %v", step, err)
				}
			})
		}
		all.Wait()
	}
	everyone("at first", dbstore.KindOther)
	direct := connect(t, d)
	direct.MustExec("ALTER TABLE django_session ADD COLUMN note text")
	everyone("with another column", dbstore.KindOther)
	direct.MustExec("ALTER TABLE django_session RENAME TO old")
	everyone("without the table", dbstore.KindUndefined)
	direct.MustExec("CREATE TABLE django_session (note text, expire_date datetime NOT NULL, session_data text NOT NULL, session_key varchar(40) NOT NULL PRIMARY KEY)")
	everyone("with another table", dbstore.KindOther)
	direct.MustExec("ALTER TABLE django_session RENAME COLUMN session_data TO data")
	everyone("without the column", dbstore.KindUndefined)
	direct.MustExec("ALTER TABLE django_session RENAME COLUMN data TO session_data")
	everyone("with the column", dbstore.KindOther)
}
