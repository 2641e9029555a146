package dbstore_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// insert inserts sessions in a few statements.
func insert(t testing.TB, db *sqlx.DB, rows [][2]any) {
	t.Helper()
	tx := db.MustBegin()
	for _, row := range rows {
		tx.MustExec(db.Rebind("INSERT INTO django_session (session_key, session_data, expire_date) VALUES (?, 'x', ?)"), row[0], row[1])
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

// list returns the keys of all rows in the order in which List has them, which must
// be the order of one query.
func list(t *testing.T, db *sqlx.DB, f django.Filter) (all []string) {
	t.Helper()
	f.Now = time.Now()
	store := newSessions(t, db).Store().(*dbstore.Store)
	for row, err := range store.List(t.Context(), f) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, row.Key)
	}
	if n, err := store.Count(t.Context(), f); f.Limit == 0 && (n != int64(len(all)) || err != nil) {
		t.Errorf("%d rows are listed, %d counted, %v", len(all), n, err)
	}
	return all
}

// TestListPages: more rows than are read at once are all listed once and in order, also where
// many expire at the same time.
func TestListPages(t *testing.T) {
	onEach(t, func(t *testing.T, db *sqlx.DB) {
		var rows [][2]any
		var want []string
		for i := range 1050 {
			// 500 with one date, 300 with another, and others with their own, down to a microsecond.
			date := fmt.Sprintf("2130-01-01 00:00:00.%06d", 999999-i)
			switch {
			case i < 500:
				date = "2131-01-01 00:00:00"
			case i < 800:
				date = "2130-06-01 00:00:00.000005"
			}
			key := fmt.Sprintf("key%029d", i)
			rows = append(rows, [2]any{key, date})
			want = append(want, key)
		}
		slices.Reverse(rows)
		insert(t, db, rows)
		if got := list(t, db, django.Filter{}); !slices.Equal(got, want) {
			t.Errorf("%d rows, want %d in order", len(got), len(want))
		}
		for _, limit := range []int{1, 199, 200, 201, 500, 1050, 2000} {
			if got := list(t, db, django.Filter{Limit: limit}); !slices.Equal(got, want[:min(limit, len(want))]) {
				t.Errorf("with a limit of %d: %d rows", limit, len(got))
			}
		}
		db.MustExec(map[string]string{
			"sqlite": "UPDATE django_session SET expire_date = replace(replace(expire_date, '2130-', '2005-'), '2131-', '2006-')",
			"pgx":    "UPDATE django_session SET expire_date = expire_date - interval '125 years'",
			"mysql":  "UPDATE django_session SET expire_date = expire_date - INTERVAL 125 YEAR",
		}[db.DriverName()])
		if got := list(t, db, django.Filter{Expired: true}); !slices.Equal(got, want) {
			t.Errorf("expired: %d rows", len(got))
		}
	})
}

// TestListPagesOddRows: rows that cannot be told apart, and dates and keys of any kind, are
// neither lost nor repeated between pages.
func TestListPagesOddRows(t *testing.T) {
	const n = 450
	same := func(key, date any) (rows [][2]any) {
		for range n {
			rows = append(rows, [2]any{key, date})
		}
		return rows
	}
	for name, c := range map[string]struct {
		vendor testenv.Vendor
		rows   [][2]any
	}{
		"SQLite equal":          {testenv.SQLiteVendor, same("samesamesame", "2130-01-01 00:00:00")},
		"SQLite NULL":           {testenv.SQLiteVendor, same(nil, "2130-01-01 00:00:00")},
		"SQLite bytes":          {testenv.SQLiteVendor, same([]byte("\xff\x00"), []byte{0xff, 0, 0xfe})},
		"SQLite numbers":        {testenv.SQLiteVendor, same(7, int64(4070908800))},
		"SQLite fractions":      {testenv.SQLiteVendor, same(1.5, 0.1)},
		"SQLite T":              {testenv.SQLiteVendor, same(nil, "2130-01-02T03:04:05Z")},
		"SQLite Latin":          {testenv.SQLiteVendor, same("\xe9\xff", "zzz")},
		"PostgreSQL equal":      {testenv.PostgreSQLVendor, same("samesamesame", "2130-01-01 00:00:00.000001+02")},
		"PostgreSQL NULL":       {testenv.PostgreSQLVendor, same(nil, "2130-01-01")},
		"PostgreSQL infinity":   {testenv.PostgreSQLVendor, same("samesamesame", "infinity")},
		"PostgreSQL -infinity":  {testenv.PostgreSQLVendor, same(nil, "-infinity")},
		"PostgreSQL before BC":  {testenv.PostgreSQLVendor, same("samesamesame", "0044-03-15 00:00:00+00 BC")},
		"MariaDB equal":         {testenv.MySQLVendor, same("samesamesame", "2130-01-01 00:00:00.000001")},
		"MariaDB NULL":          {testenv.MySQLVendor, same(nil, "2130-01-01")},
		"MariaDB zero":          {testenv.MySQLVendor, same("samesamesame", "0000-00-00 00:00:00")},
		"MariaDB in other case": {testenv.MySQLVendor, append(same("samesamesame", "2130-01-01"), same("SameSameSame ", "2130-01-01")...)},
	} {
		t.Run(name, func(t *testing.T) {
			db := connect(t, servers.New(t, c.vendor))
			db.SetMaxOpenConns(1)
			if c.vendor == testenv.MySQLVendor {
				db.MustExec("SET SESSION sql_mode = ''")
			}
			expires := map[testenv.Vendor]string{testenv.SQLiteVendor: "datetime", testenv.PostgreSQLVendor: "timestamptz", testenv.MySQLVendor: "datetime(6)"}[c.vendor]
			db.MustExec("CREATE TABLE django_session (session_key varchar(40), session_data text, expire_date " + expires + ")")
			insert(t, db, c.rows)
			insert(t, db, [][2]any{{"first", "2140-01-01 00:00:00"}, {"last", "2129-01-01 00:00:00"}, {"expired", "2001-01-01 00:00:00"}})
			got := append(list(t, db, django.Filter{}), list(t, db, django.Filter{Expired: true})...)
			seen := map[string]int{}
			for _, key := range got {
				seen[key]++
			}
			if len(got) != len(c.rows)+3 || seen["first"] != 1 || seen["last"] != 1 || seen["expired"] != 1 {
				t.Errorf("%d rows of %d", len(got), len(c.rows)+3)
			}
		})
	}
}

// TestListHoldsNoLock: while the loop runs, others may write and change the table, and the loop
// may use the only connection there is.
func TestListHoldsNoLock(t *testing.T) {
	for name, vendor := range testenv.Vendors {
		t.Run(name, func(t *testing.T) {
			d := withTable(t, vendor)
			db, other := connect(t, d), connect(t, d)
			db.SetMaxOpenConns(1)
			ss := newSessions(t, db)
			for range 5 {
				saved(t, ss)
			}
			if vendor == testenv.SQLiteVendor {
				other.MustExec("PRAGMA busy_timeout = 0")
			}
			n := 0
			for row, err := range ss.Store().(*dbstore.Store).List(t.Context(), django.Filter{Now: time.Now()}) {
				if err != nil {
					t.Fatal(err)
				}
				if n == 0 {
					ctx := limited(t, 10*time.Second)
					if _, err := other.ExecContext(ctx, "ALTER TABLE django_session ADD COLUMN note integer"); err != nil {
						t.Errorf("ALTER TABLE: %v", err)
					}
					if _, err := other.ExecContext(ctx, "DELETE FROM django_session WHERE session_key = 'x' OR session_data = 'y'"); err != nil {
						t.Errorf("DELETE: %v", err)
					}
				}
				if err := ss.Delete(limited(t, 10*time.Second), row.Key); err != nil {
					t.Fatal(err)
				}
				n++
			}
			if left := count(t, other, "SELECT COUNT(*) FROM django_session"); n != 5 || left != 0 {
				t.Errorf("%d rows were listed and deleted, %d are left", n, left)
			}
		})
	}
}
