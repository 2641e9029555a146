package dbstore_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/serializer"
)

// TestCustomModel: a site's own session model, with another table and a column
// more, as in Django's documentation of extending the database engine.
func TestCustomModel(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		expires := map[string]string{"sqlite": "datetime", "pgx": "timestamptz", "mysql": "datetime(6)"}[db.DriverName()]
		if _, err := db.Exec("CREATE TABLE shop_session (session_key varchar(40) PRIMARY KEY, session_data text NOT NULL, expire_date " +
			expires + " NOT NULL, account_id integer, note varchar(20) NOT NULL)"); err != nil {
			t.Fatal(err)
		}
		account := dbstore.WithExtraColumns(func(_ context.Context, d *serializer.Dict) (map[string]any, error) {
			columns := map[string]any{"note": "by Go", "account_id": nil}
			if v, ok := d.Get("_auth_user_id"); ok {
				var id string
				if err := v.Decode(&id); err != nil {
					return nil, err
				}
				columns["account_id"] = len(id)
			}
			return columns, nil
		})
		ss := newSessions(t, db, dbstore.WithTable("shop_session"), account)
		s := ss.NewSession()
		set(t, s, "_auth_user_id", "12345")
		save(t, s)
		s = load(t, ss, s.Key())
		set(t, s, "_auth_user_id", "1")
		save(t, s)
		s.CycleKey()
		save(t, s)

		var row struct {
			Key     string `db:"session_key"`
			Account int    `db:"account_id"`
			Note    string `db:"note"`
		}
		if err := db.Get(&row, "SELECT session_key, account_id, note FROM shop_session"); err != nil {
			t.Fatal(err)
		}
		if row.Key != s.Key() || row.Account != 1 || row.Note != "by Go" {
			t.Errorf("account_id %d, note %q, key as expected: %t", row.Account, row.Note, row.Key == s.Key())
		}
	})
}

func TestSchema(t *testing.T) {
	db := connect(t, servers.New(t, testenv.PostgreSQLVendor))
	db.MustExec(`CREATE SCHEMA shop; CREATE TABLE shop."Odd ""name""" (session_key varchar(40) PRIMARY KEY, session_data text, expire_date timestamptz)`)
	saved(t, newSessions(t, db, dbstore.WithTable(`shop.Odd "name"`)))
}

func TestList(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		now := time.Now().UTC().Truncate(time.Second)
		store := newSessions(t, db).Store().(*dbstore.Store)
		key := func(letter string) string { return strings.Repeat(letter, 32) }
		for letter, age := range map[string]time.Duration{"a": time.Hour, "b": 3 * time.Hour, "c": 2 * time.Hour, "d": -time.Hour, "e": -time.Minute} {
			if _, err := store.Create(t.Context(), django.Write{Key: key(letter), Data: new(serializer.Dict), Expires: now.Add(age)}); err != nil {
				t.Fatal(err)
			}
		}
		db.MustExec(db.Rebind("UPDATE django_session SET session_data = ? WHERE session_key = ?"), "rubbish", key("c"))
		for name, c := range map[string]struct {
			f    django.Filter
			want string
		}{
			"live":    {django.Filter{Now: now}, "bca"},
			"limit":   {django.Filter{Now: now, Limit: 2}, "bc"},
			"expired": {django.Filter{Now: now, Expired: true}, "ed"},
			"key":     {django.Filter{Now: now, Key: key("a")}, "a"},
			"no key":  {django.Filter{Now: now, Key: key("z")}, ""},
		} {
			got := ""
			for row, err := range store.List(t.Context(), c.f) {
				if err != nil {
					t.Fatal(err)
				}
				got += row.Key[:1]
				if corrupt := row.Corrupt != nil; corrupt != (row.Key[:1] == "c") || row.Size == 0 {
					t.Errorf("%s: Corrupt %v, Size %d", name, row.Corrupt, row.Size)
				}
			}
			if got != c.want {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
		if n, err := store.CountExpired(t.Context(), now); n != 2 || err != nil {
			t.Errorf("CountExpired: %d, %v", n, err)
		}
	})
}

func TestClearExpiredInBatches(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		now := time.Now()
		store := newSessions(t, db, dbstore.WithBatch(10)).Store().(*dbstore.Store)
		for range 25 {
			s := newSessions(t, db).NewSession()
			if err := s.SetExpiry(-time.Hour); err != nil {
				t.Fatal(err)
			}
			save(t, s)
		}
		var seen []int64
		n, err := store.ClearExpiredProgress(t.Context(), now, func(removed int64) { seen = append(seen, removed) })
		if n != 25 || err != nil || len(seen) != 3 || seen[0] != 10 || seen[2] != 25 {
			t.Errorf("%d, %v, by way of %v", n, err, seen)
		}
	})
}

// TestCorruptRow: data that cannot be read is empty, stays as it is, and is
// replaced only by a change.
func TestCorruptRow(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		ss := newSessions(t, db)
		s := saved(t, ss)
		db.MustExec(db.Rebind("UPDATE django_session SET session_data = ?"), "rubbish")
		rec, err := ss.Store().Load(t.Context(), s.Key(), time.Now())
		if err != nil || rec.Corrupt == nil || rec.Data.Len() != 0 || rec.Key != s.Key() {
			t.Fatalf("Load: %v, Corrupt: %v", err, rec.Corrupt)
		}
		rec.Data.Set("b", serializer.Value{})
		_, err = ss.Store().Save(t.Context(), rec, django.Write{Key: rec.Key, Data: rec.Data, Expires: time.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		if got := keys(load(t, ss, s.Key())); got != "b" {
			t.Errorf("keys are %q", got)
		}
	})
}

// TestOtherUniqueColumn: a value of the site's own that is taken is no taken key.
func TestOtherUniqueColumn(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		db.MustExec("ALTER TABLE django_session ADD COLUMN account integer")
		db.MustExec("CREATE UNIQUE INDEX one_account ON django_session (account)")
		ss := newSessions(t, db, dbstore.WithExtraColumns(func(context.Context, *serializer.Dict) (map[string]any, error) {
			return map[string]any{"account": 7}, nil
		}))
		saved(t, ss)
		s := ss.NewSession()
		set(t, s, "a", 1)
		err := s.Save(t.Context())
		var e *dbstore.Error
		if !errors.As(err, &e) || errors.Is(err, django.ErrExists) {
			t.Errorf("Save: %v, want the database's error", err)
		}
	})
}

// TestQuestionMarkInName: a name is no place for a parameter.
func TestQuestionMarkInName(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		q := `"`
		if db.DriverName() == "mysql" {
			q = "`"
		}
		db.MustExec("CREATE TABLE " + q + "odd?100%" + q + " AS SELECT * FROM django_session")
		if db.DriverName() != "mysql" {
			db.MustExec("CREATE UNIQUE INDEX k ON " + q + "odd?100%" + q + "(session_key)")
		}
		ss := newSessions(t, db, dbstore.WithTable("odd?100%"))
		s := ss.NewSession()
		set(t, s, "a", 1)
		if err := s.Save(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

// TestListKey lists the key that was asked for, and no other spelling of it.
func TestListKey(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		ss := newSessions(t, db)
		s := saved(t, ss)
		for i, key := range []string{strings.ToUpper(s.Key()), s.Key() + " ", "\x00aaaaaaaaa", "\xff\xffaaaaaaaaaa"} {
			for row, err := range ss.Store().(*dbstore.Store).List(t.Context(), django.Filter{Key: key, Now: time.Now()}) {
				t.Errorf("key %d: own key: %t, %v", i, row.Key == s.Key(), err)
			}
		}
	})
}
