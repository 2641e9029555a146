package dbstore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/serializer"
)

// TestTableNames: what Django's db_table can express, WithTable can.
func TestTableNames(t *testing.T) {
	for _, c := range []struct {
		vendor      testenv.Vendor
		schema      string
		table, name string // the table as it is made, and as WithTable names it
	}{
		{testenv.PostgreSQLVendor, "CREATE SCHEMA tenant1", `tenant1.django_session`, `tenant1"."django_session`},
		{testenv.PostgreSQLVendor, "CREATE SCHEMA tenant1", `tenant1.django_session`, `"tenant1"."django_session"`},
		{testenv.PostgreSQLVendor, "CREATE SCHEMA tenant1", `tenant1.django_session`, `tenant1.django_session`},
		{testenv.PostgreSQLVendor, "", `"a.b"`, `"a.b"`},
		{testenv.PostgreSQLVendor, `CREATE SCHEMA "x.y"`, `"x.y"."a.b"`, `"x.y"."a.b"`},
		{testenv.PostgreSQLVendor, "", `"Django_Session"`, `Django_Session`},
		{testenv.PostgreSQLVendor, "", `"se""ssion"`, `se"ssion`},
		{testenv.SQLiteVendor, "", `"a.b"`, `"a.b"`},
		{testenv.SQLiteVendor, "", `main.shop`, `main"."shop`},
		{testenv.MySQLVendor, "", "`a.b`", "`a.b`"},
		{testenv.MySQLVendor, "", "`se\"ssion`", `se"ssion`},
	} {
		t.Run(string(c.vendor)+" "+c.name, func(t *testing.T) {
			d := servers.New(t, c.vendor)
			db := connect(t, d)
			if c.schema != "" {
				db.MustExec(c.schema)
			}
			expires := map[testenv.Vendor]string{testenv.SQLiteVendor: "datetime", testenv.PostgreSQLVendor: "timestamptz", testenv.MySQLVendor: "datetime(6)"}[c.vendor]
			db.MustExec("CREATE TABLE " + c.table + " (session_key varchar(40) PRIMARY KEY, session_data text NOT NULL, expire_date " + expires + " NOT NULL)")
			ss := newSessions(t, db, dbstore.WithTable(c.name))
			s := saved(t, ss)
			s.CycleKey()
			save(t, s)
			load(t, ss, s.Key())
			if err := ss.Store().(django.Checker).Check(t.Context(), time.Now()); err != nil {
				t.Error(err)
			}
			if n := count(t, db, "SELECT COUNT(*) FROM "+c.table); n != 1 {
				t.Errorf("%d rows, want 1", n)
			}
		})
	}
}

// TestDotInTableName: Django takes a db_table with a dot for one name. The error of a
// name that is split at the dot says what to do.
func TestDotInTableName(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		q := map[string]string{"sqlite": `"`, "pgx": `"`, "mysql": "`"}[db.DriverName()]
		for name, want := range map[string]bool{"shop.session": true, "my.shop.session": true, q + "shop.session" + q: false, "nowhere": false} {
			ss := newSessions(t, db, dbstore.WithTable(name))
			_, err := ss.Load(t.Context(), strings.Repeat("k", 32))
			for _, err := range []error{err, ss.Check(t.Context())} {
				if err == nil || strings.Contains(err.Error(), "in quotes, if the dot is part of the name") != want {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		db.Close()
		if err := newSessions(t, db, dbstore.WithTable("shop.session")).Check(t.Context()); err == nil || strings.Contains(err.Error(), "quotes") {
			t.Errorf("without a database: %v", err)
		}
	})
}

// TestHostileTableName: a name is a name, whatever is in it.
func TestHostileTableName(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		saved(t, newSessions(t, db))
		for _, name := range []string{`x"; DROP TABLE django_session; --`, `django_session" WHERE 1=1; --`, "x`; DROP TABLE django_session; -- ", `"x"; DROP TABLE django_session; --"`} {
			ss := newSessions(t, db, dbstore.WithTable(name))
			if _, err := ss.ClearExpired(t.Context()); err == nil {
				t.Errorf("%s is a table", name)
			}
		}
		if n := count(t, db, "SELECT COUNT(*) FROM django_session"); n != 1 {
			t.Errorf("%d rows are left", n)
		}
	})
	for _, name := range []string{"", "a\x00b"} {
		if _, err := django.New(settings(), dbstore.New(nil, dbstore.WithDialect(dbstore.SQLite), dbstore.WithTable(name))); err == nil {
			t.Errorf("%q is accepted", name)
		}
	}
}

// TestCharacterSets: compare and swap is exact, whatever the column's character set.
func TestCharacterSets(t *testing.T) {
	d := servers.New(t, testenv.MySQLVendor)
	for _, charset := range []string{"ucs2", "utf16", "utf16le", "utf32", "latin1", "ascii", "utf8mb3", "utf8mb4", "utf8mb4 COLLATE utf8mb4_bin", "binary"} {
		t.Run(charset, func(t *testing.T) {
			db := connect(t, d)
			db.MustExec("DROP TABLE IF EXISTS django_session")
			db.MustExec("CREATE TABLE django_session (session_key varchar(40) CHARACTER SET " + charset + " PRIMARY KEY, session_data longtext CHARACTER SET " + charset + " NOT NULL, expire_date datetime(6) NOT NULL)")
			conforms(t, db)
			if charset == "ucs2" {
				for _, parameter := range []string{"interpolateParams=true", "charset=latin1"} {
					conforms(t, connect(t, d, parameter))
				}
			}
			db.MustExec("DELETE FROM django_session")
			ss := newSessions(t, db)
			s := saved(t, ss)
			for _, change := range []string{"UPPER(session_data)", "CONCAT(session_data, ' ')"} {
				if charset == "binary" && change == "UPPER(session_data)" {
					continue // bytes have no case
				}
				rec, err := ss.Store().Load(t.Context(), s.Key(), time.Now())
				if err != nil {
					t.Fatal(err)
				}
				db.MustExec("UPDATE django_session SET session_data = " + change)
				if _, err := ss.Store().Save(t.Context(), rec, django.Write{Key: rec.Key, Data: new(serializer.Dict), Expires: time.Now().Add(time.Hour)}); err == nil {
					t.Errorf("a row changed by %s was overwritten", change)
				}
			}
			if err := ss.Delete(t.Context(), strings.ToUpper(s.Key())); err != nil {
				t.Error(err)
			}
			if n := count(t, db, "SELECT COUNT(*) FROM django_session"); n != 1 {
				t.Error("a key in another case was deleted")
			}
			if err := ss.Delete(t.Context(), s.Key()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestKeyLength: a site's keys may be longer than Django's.
func TestKeyLength(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		if db.DriverName() == "mysql" {
			db.MustExec("ALTER TABLE django_session MODIFY session_key varchar(128) NOT NULL")
		} else if db.DriverName() == "pgx" {
			db.MustExec("ALTER TABLE django_session ALTER session_key TYPE varchar(128)")
		}
		long, longer := strings.Repeat("k", 128), strings.Repeat("k", 129)
		store := newSessions(t, db, dbstore.WithKeyLength(128)).Store()
		if _, err := store.Create(t.Context(), django.Write{Key: longer, Data: new(serializer.Dict), Expires: time.Now()}); err == nil || !strings.Contains(err.Error(), "128") {
			t.Errorf("a key of 129 characters: %v", err)
		}
		if _, err := store.Create(t.Context(), django.Write{Key: long, Data: new(serializer.Dict), Expires: time.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		ss := newSessions(t, db, dbstore.WithKeyLength(128))
		s := load(t, ss, long)
		set(t, s, "a", 1)
		save(t, s)
		if got := keys(load(t, ss, long)); got != "a" {
			t.Errorf("keys are %q", got)
		}
		if _, err := newSessions(t, db).Load(t.Context(), long); err == nil {
			t.Error("a key of 128 characters is found without the option")
		}
		if err := s.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		if n := count(t, db, "SELECT COUNT(*) FROM django_session"); n != 0 {
			t.Error("the session was not deleted")
		}
	})
	for _, n := range []int{-1, 0, 31} {
		if _, err := django.New(settings(), dbstore.New(nil, dbstore.WithDialect(dbstore.SQLite), dbstore.WithKeyLength(n))); err == nil {
			t.Errorf("WithKeyLength(%d) is accepted", n)
		}
	}
}
