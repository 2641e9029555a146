package dbstore_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// listed lists all rows, live and expired, and fails if that ends with an error.
func listed(t *testing.T, ss *django.Sessions) map[string]django.Listed {
	t.Helper()
	all := map[string]django.Listed{}
	for _, expired := range []bool{false, true} {
		for row, err := range ss.Store().(*dbstore.Store).List(t.Context(), django.Filter{Now: time.Now(), Expired: expired}) {
			if err != nil {
				t.Fatal(err)
			}
			all[row.Key] = row
		}
	}
	return all
}

// TestListOddRowsSQLite: SQLite holds anything in any column. Each row that is not as Django
// writes it is marked, and the others are listed.
func TestListOddRowsSQLite(t *testing.T) {
	d := servers.New(t, testenv.SQLiteVendor)
	db := connect(t, d)
	db.MustExec("CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text, expire_date datetime)")
	ss := newSessions(t, db)
	good := saved(t, ss).Key()
	var text string
	if err := db.Get(&text, "SELECT session_data FROM django_session"); err != nil {
		t.Fatal(err)
	}
	const date = "'2130-01-02 03:04:05'"
	for i, c := range []struct{ key, data, date, column string }{
		{"", "", "'2130-01-02T03:04:05Z'", "expire_date"},
		{"", "", "'2130-01-02 03:04:05Z'", "expire_date"},
		{"", "", "'2130-01-02'", "expire_date"},
		{"", "", "'3'", "expire_date"},
		{"", "", "'2130-02-30 00:00:00'", "expire_date"},
		{"", "", "'zzzz'", "expire_date"},
		{"", "", "''", "expire_date"},
		{"", "", "4070908800", "expire_date"},
		{"", "", "1.5", "expire_date"},
		{"", "", "X'ff00'", "expire_date"},
		{"", "NULL", date, "session_data"},
		{"", "X'ff00fe'", date, "session_data"},
		{"", "CAST(X'ff00fe' AS TEXT)", date, "session_data"},
		{"NULL", "", date, "session_key"},
		{"X'ff00feaaaaaaaa'", "", date, "session_key"},
		{"CAST(X'ff00feaaaaaaab' AS TEXT)", "", date, "session_key"},
	} {
		if c.key == "" {
			c.key = fmt.Sprintf("'oddrow%026d'", i)
		}
		if c.data == "" {
			c.data = "'" + text + "'"
		}
		t.Run(fmt.Sprint(i, " ", c.date), func(t *testing.T) {
			db.MustExec("DELETE FROM django_session WHERE session_key IS NULL OR session_key <> ?", good)
			db.MustExec("INSERT INTO django_session VALUES (" + c.key + ", " + c.data + ", " + c.date + ")")
			all := listed(t, ss)
			if row, ok := all[good]; !ok || row.Malformed != nil || row.Corrupt != nil || row.Expires.IsZero() {
				t.Errorf("the good row is listed: %t, %+v", ok, row.Malformed)
			}
			delete(all, good)
			for _, row := range all {
				if row.Malformed == nil || !strings.Contains(row.Malformed.Error(), c.column) {
					t.Errorf("Malformed is %v, want something about %s", row.Malformed, c.column)
				}
				if (c.column == "expire_date") != (row.Corrupt == nil && row.Expires.IsZero()) && c.column != "session_key" {
					t.Errorf("Corrupt %v, Expires %v", row.Corrupt, row.Expires)
				}
				_, err := ss.Store().Load(t.Context(), row.Key, time.Now())
				if err != nil && !errors.Is(err, django.ErrNotFound) {
					t.Errorf("Load: %v", err)
				}
			}
			if len(all) != 1 {
				t.Errorf("%d odd rows are listed, want 1", len(all))
			}
			if err := ss.Store().(django.Checker).Check(t.Context(), time.Now()); err != nil {
				t.Errorf("Check: %v", err)
			}
		})
	}
}

// TestListOddRows are those that servers hold.
func TestListOddRows(t *testing.T) {
	for name, c := range map[string]struct {
		vendor testenv.Vendor
		alter  string
		date   string
		data   string
	}{
		"PostgreSQL infinity":  {testenv.PostgreSQLVendor, "", "'infinity'", "session_data"},
		"PostgreSQL -infinity": {testenv.PostgreSQLVendor, "", "'-infinity'", "session_data"},
		"PostgreSQL NULL":      {testenv.PostgreSQLVendor, "ALTER TABLE django_session ALTER expire_date DROP NOT NULL, ALTER session_data DROP NOT NULL", "expire_date", "NULL"},
		"MariaDB zero":         {testenv.MySQLVendor, "SET SESSION sql_mode=''", "'0000-00-00 00:00:00'", "session_data"},
		"MariaDB NULL":         {testenv.MySQLVendor, "ALTER TABLE django_session MODIFY session_data longtext NULL", "expire_date", "NULL"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, parameters := range map[testenv.Vendor][]string{testenv.PostgreSQLVendor: {""}, testenv.MySQLVendor: {"", "parseTime=true"}}[c.vendor] {
				var p []string
				if parameters != "" {
					p = append(p, parameters)
				}
				db := connect(t, withTable(t, c.vendor), p...)
				db.SetMaxOpenConns(1)
				ss := newSessions(t, db)
				good, odd := saved(t, ss).Key(), saved(t, ss).Key()
				if c.alter != "" {
					db.MustExec(c.alter)
				}
				db.MustExec(db.Rebind("UPDATE django_session SET expire_date = "+c.date+", session_data = "+c.data+" WHERE session_key = ?"), odd)
				all := listed(t, ss)
				if len(all) != 2 || all[good].Malformed != nil || all[odd].Malformed == nil {
					t.Errorf("%d rows, Malformed %v of the good one, %v of the odd one", len(all), all[good].Malformed, all[odd].Malformed)
				}
				if err := ss.Store().(django.Checker).Check(t.Context(), time.Now()); err != nil {
					t.Errorf("Check: %v", err)
				}
				s, err := ss.Store().Load(t.Context(), odd, time.Now())
				if err != nil && !errors.Is(err, django.ErrNotFound) || err == nil && c.data == "NULL" && s.Corrupt == nil {
					t.Errorf("Load: %v, %v", err, s.Corrupt)
				}
			}
		})
	}
}

// TestSaveOverNull: data that is NULL is saved over like any other that cannot be read, where
// that is allowed, and not if another writer was faster.
func TestSaveOverNull(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		switch db.DriverName() {
		case "mysql":
			db.MustExec("ALTER TABLE django_session MODIFY session_data longtext NULL")
		case "pgx":
			db.MustExec("ALTER TABLE django_session ALTER session_data DROP NOT NULL")
		default:
			db.MustExec("DROP TABLE django_session")
			db.MustExec("CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text, expire_date datetime)")
		}
		ss := quiet(t, db, django.WithUnreadableAsEmpty())
		for _, cycle := range []bool{false, true} {
			key := having(t, ss, "old", 1).Key()
			db.MustExec("UPDATE django_session SET session_data = NULL")
			s := load(t, ss, key)
			set(t, s, "a", 1)
			if cycle {
				s.CycleKey()
			}
			save(t, s)
			holds(t, db, s.Key(), `{"a":1}`)

			db.MustExec("UPDATE django_session SET session_data = NULL")
			late, err := ss.Store().Load(t.Context(), s.Key(), time.Now())
			if err != nil {
				t.Fatal(err)
			}
			db.MustExec("DELETE FROM django_session")
			having(t, ss, "c", 3)
			db.MustExec(db.Rebind("UPDATE django_session SET session_key = ?"), s.Key())
			_, err = ss.Store().Save(t.Context(), late, django.Write{Key: s.Key(), Data: late.Data, Expires: time.Now().Add(time.Hour)})
			if !errors.Is(err, django.ErrConflict) {
				t.Errorf("over another writer's: %v", err)
			}
			db.MustExec("DELETE FROM django_session")
		}
	})
}

// TestClearWithoutRowID: a SQLite table without row ids is cleared, too, and more rows than
// a batch has.
func TestClearWithoutRowID(t *testing.T) {
	for name, without := range map[string]string{"row ids": "", "no row ids": " WITHOUT ROWID"} {
		t.Run(name, func(t *testing.T) {
			db := connect(t, servers.New(t, testenv.SQLiteVendor))
			db.MustExec("CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text NOT NULL, expire_date datetime NOT NULL)" + without)
			fill(t, db, 2500, "2020-01-01 00:00:00", "old")
			fill(t, db, 3, "2130-01-01 00:00:00", "new")
			n, err := newSessions(t, db).ClearExpired(t.Context())
			if left := count(t, db, "SELECT COUNT(*) FROM django_session WHERE session_data = 'new'"); n != 2500 || err != nil || left != 3 {
				t.Errorf("cleared %d, %v; %d are left", n, err, left)
			}
		})
	}
}

// fill inserts n rows, on SQLite.
func fill(t testing.TB, db *sqlx.DB, n int, expires, data string) {
	t.Helper()
	db.MustExec("INSERT INTO django_session WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT printf('%s%032d', ?, i), ?, ? FROM n", n, data, data, expires)
}
