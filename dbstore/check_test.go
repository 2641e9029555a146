package dbstore_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

func check(t testing.TB, engine django.Engine, change func(*django.Settings)) error {
	t.Helper()
	set := settings()
	change(&set)
	ss, err := django.New(set, engine)
	if err != nil {
		t.Fatal(err)
	}
	return ss.Store().(django.Checker).Check(t.Context(), time.Now())
}

func TestCheck(t *testing.T) {
	onEach(t, func(t *testing.T, db *sqlx.DB) {
		right := func(*django.Settings) {}
		wrongKey := func(set *django.Settings) { set.SecretKey = "of another site" }
		if err := check(t, dbstore.New(db), wrongKey); err != nil {
			t.Errorf("without sessions: %v", err)
		}
		ss := newSessions(t, db)
		for range 30 {
			saved(t, ss)
		}
		before := stored(t, db)
		if err := check(t, dbstore.New(db), right); err != nil {
			t.Error(err)
		}
		for name, c := range map[string]struct {
			change func(*django.Settings)
			want   string
		}{
			"another key":   {wrongKey, "SECRET_KEY"},
			"another class": {func(set *django.Settings) { set.SessionStoreClass = "CustomSessionStore" }, "SessionStoreClass"},
			"older Django":  {func(set *django.Settings) { set.DjangoVersion = "2.2" }, "DjangoVersion"},
		} {
			err := check(t, dbstore.New(db), c.change)
			if !errors.Is(err, django.ErrCorrupt) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "django_session") {
				t.Errorf("%s: %v", name, err)
			}
			for key, data := range before {
				if strings.Contains(err.Error(), key) || strings.Contains(err.Error(), data) {
					t.Errorf("%s: the error quotes a session", name)
				}
			}
		}
		if got := stored(t, db); len(got) != len(before) {
			t.Errorf("%d sessions are left of %d", len(got), len(before))
		}

		// Among many that belong to another key, one is enough.
		other, err := django.New(func() django.Settings { set := settings(); wrongKey(&set); return set }(), dbstore.New(db))
		if err != nil {
			t.Fatal(err)
		}
		s := other.NewSession()
		if err := s.SetExpiry(24 * time.Hour * 300); err != nil {
			t.Fatal(err)
		}
		save(t, s)
		if err := check(t, dbstore.New(db), right); err != nil {
			t.Errorf("with a newer session of another key: %v", err)
		}
		db.MustExec(db.Rebind("DELETE FROM django_session WHERE session_key <> ?"), s.Key())
		if err := check(t, dbstore.New(db), right); !errors.Is(err, django.ErrCorrupt) {
			t.Errorf("with only a session of another key: %v", err)
		}
		db.MustExec(db.Rebind("UPDATE django_session SET expire_date = ?"), "2001-01-01 00:00:00")
		if err := check(t, dbstore.New(db), right); err != nil {
			t.Errorf("with only an expired session: %v", err)
		}
	})
}

// TestCheckUnreadable: a good signature around what is no session, as pickle is.
func TestCheckUnreadable(t *testing.T) {
	db := connect(t, withTable(t, testenv.SQLiteVendor))
	codec, err := django.NewCodec(settings(), nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := codec.Sign(t.Context(), []byte("\x80\x05}\x94."))
	if err != nil {
		t.Fatal(err)
	}
	db.MustExec("INSERT INTO django_session VALUES (?, ?, '2130-01-01 00:00:00')", someKey, text)
	err = check(t, dbstore.New(db), func(*django.Settings) {})
	if !errors.Is(err, django.ErrUnreadable) || !strings.Contains(err.Error(), "SESSION_SERIALIZER") {
		t.Errorf("Check: %v", err)
	}
}

// TestCheckTooLarge: a session that is too large is signed with the right key.
func TestCheckTooLarge(t *testing.T) {
	db := connect(t, withTable(t, testenv.SQLiteVendor))
	having(t, newSessions(t, db), "long", strings.Repeat("a", 1<<20))
	if err := check(t, dbstore.New(db), func(set *django.Settings) { set.MaxInflated = 1 << 10 }); err != nil {
		t.Error(err)
	}
}

// TestCheckTable: a missing table or column is named, with what to do.
func TestCheckTable(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		expires := map[string]string{"sqlite": "datetime", "pgx": "timestamptz", "mysql": "datetime(6)"}[db.DriverName()]
		columns := []string{"session_key varchar(40)", "session_data text", "expire_date " + expires}
		for i := range columns {
			table := "lacks_" + strconv.Itoa(i)
			rest := append(append([]string{}, columns[:i]...), columns[i+1:]...)
			db.MustExec("CREATE TABLE " + table + " (" + strings.Join(rest, ", ") + ")")
			undefined(t, check(t, dbstore.New(db, dbstore.WithTable(table)), func(*django.Settings) {}), table)
		}
		undefined(t, check(t, dbstore.New(db, dbstore.WithTable("nowhere")), func(*django.Settings) {}), "nowhere")
		for _, o := range []dbstore.Option{dbstore.WithUserSessions(), dbstore.WithQSessions()} {
			undefined(t, check(t, dbstore.New(db, o, dbstore.WithTable("django_session")), func(*django.Settings) {}), "django_session")
		}
		db.Close()
		var e *dbstore.Error
		if err := check(t, dbstore.New(db), func(*django.Settings) {}); !errors.As(err, &e) {
			t.Errorf("without a database: %v", err)
		}
	})
}

func undefined(t *testing.T, err error, table string) {
	t.Helper()
	var e *dbstore.Error
	if !errors.As(err, &e) || e.Kind != dbstore.KindUndefined || !strings.Contains(err.Error(), `"`+table+`"`) || !strings.Contains(err.Error(), "migrations") {
		t.Errorf("%s: %v", table, err)
	}
}

// TestCheckReadsOnly: a user who may only read can check.
func TestCheckReadsOnly(t *testing.T) {
	for name, c := range map[string]struct {
		vendor    testenv.Vendor
		statement string
	}{
		"SQLite":     {testenv.SQLiteVendor, "PRAGMA query_only = on"},
		"PostgreSQL": {testenv.PostgreSQLVendor, "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"},
		"MariaDB":    {testenv.MySQLVendor, "SET SESSION TRANSACTION READ ONLY"},
	} {
		t.Run(name, func(t *testing.T) {
			d := withTable(t, c.vendor)
			saved(t, newSessions(t, connect(t, d)))
			db := connect(t, d)
			db.SetMaxOpenConns(1)
			db.MustExec(c.statement)
			if err := check(t, dbstore.New(db), func(*django.Settings) {}); err != nil {
				t.Error(err)
			}
			if err := check(t, dbstore.New(db), func(set *django.Settings) { set.SecretKey = "other" }); !errors.Is(err, django.ErrCorrupt) {
				t.Error(err)
			}
		})
	}
}

// TestCheckSamplesNewest: old sessions of another key that expire last do not hide the newest
// ones, which have the default age.
func TestCheckSamplesNewest(t *testing.T) {
	onEach(t, func(t *testing.T, db *sqlx.DB) {
		old := settings()
		old.SecretKey, old.SessionCookieAge = "rotated away", 365*86400
		before, err := django.New(old, dbstore.New(db))
		if err != nil {
			t.Fatal(err)
		}
		for range 21 {
			saved(t, before)
		}
		if err := check(t, dbstore.New(db), func(*django.Settings) {}); !errors.Is(err, django.ErrCorrupt) {
			t.Errorf("with sessions of another key only: %v", err)
		}
		saved(t, newSessions(t, db))
		for _, age := range []int64{14 * 86400, 9999999999, 1<<63 - 1} {
			err := check(t, dbstore.New(db), func(set *django.Settings) { set.SessionCookieAge = age })
			if (err == nil) != (age == 14*86400) {
				t.Errorf("with a readable session of 14 days and an age of %d seconds: %v", age, err)
			}
		}
	})
}

// TestCheckKeys: a session whose key counts as absent is an error that says what to do.
func TestCheckKeys(t *testing.T) {
	onEach(t, func(t *testing.T, db *sqlx.DB) {
		if db.DriverName() == "mysql" {
			db.MustExec("ALTER TABLE django_session MODIFY session_key varchar(128) NOT NULL")
		} else if db.DriverName() == "pgx" {
			db.MustExec("ALTER TABLE django_session ALTER session_key TYPE varchar(128)")
		}
		ss := newSessions(t, db)
		saved(t, ss)
		odd := saved(t, ss).Key()
		for _, c := range []struct{ key, want string }{
			{strings.Repeat("k", 128), "WithKeyLength"},
			{"keys.with.dots.in.them", "characters"},
			{"short", ""}, // which Django does not take, either
		} {
			db.MustExec(db.Rebind("UPDATE django_session SET session_key = ? WHERE session_key = ?"), c.key, odd)
			odd = c.key
			err := check(t, dbstore.New(db), func(*django.Settings) {})
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%d characters: %v", len(c.key), err)
			}
			if err != nil && strings.Contains(err.Error(), c.key) {
				t.Error("the error quotes a key")
			}
			if len(c.key) == 128 {
				if err := check(t, dbstore.New(db, dbstore.WithKeyLength(128)), func(*django.Settings) {}); err != nil {
					t.Error(err)
				}
			}
		}
	})
}

// TestCheckAutocommit: without autocommit MySQL keeps nothing.
func TestCheckAutocommit(t *testing.T) {
	d := withTable(t, testenv.MySQLVendor)
	for parameter, off := range map[string]bool{"autocommit=0": true, "autocommit=1": false, "interpolateParams=true": false} {
		err := check(t, dbstore.New(connect(t, d, parameter)), func(*django.Settings) {})
		if (err != nil) != off || off && !strings.Contains(err.Error(), "autocommit=0") {
			t.Errorf("%s: %v", parameter, err)
		}
	}
}
