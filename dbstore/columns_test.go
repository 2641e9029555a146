package dbstore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/serializer"
)

// extra sets the same columns each time.
func extra(columns map[string]any) dbstore.Option {
	return dbstore.WithExtraColumns(func(context.Context, *serializer.Dict) (map[string]any, error) { return columns, nil })
}

// account is the session model of Django's documentation: account_id follows the login.
func account(_ context.Context, d *serializer.Dict) (map[string]any, error) {
	id, err := dbstore.UserID(d)
	return map[string]any{"account_id": id}, err
}

// TestExtraColumnsFollow: the columns are those of the data after each create, save, move
// and renewal, and after a login and logout under the same key.
func TestExtraColumnsFollow(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		db.MustExec("ALTER TABLE django_session ADD COLUMN account_id integer")
		ss := newSessions(t, db, dbstore.WithExtraColumns(account))
		has := func(step string, want int) {
			t.Helper()
			if n := count(t, db, "SELECT COUNT(*) FROM django_session WHERE account_id = 42"); n != want {
				t.Errorf("%s: %d sessions of the account, want %d", step, n, want)
			}
		}
		s := having(t, ss, "cart", 1)
		has("anonymous", 0)
		s = load(t, ss, s.Key())
		s.CycleKey()
		set(t, s, "_auth_user_id", "42")
		save(t, s)
		has("login", 1)
		db.MustExec("UPDATE django_session SET account_id = NULL")
		s = load(t, ss, s.Key())
		s.MarkModified()
		save(t, s)
		has("renewal", 1)
		db.MustExec("UPDATE django_session SET account_id = NULL")
		s.CycleKey()
		save(t, s)
		has("new key", 1)
		s.Delete("_auth_user_id")
		save(t, s)
		has("logout", 0)
		set(t, s, "_auth_user_id", 42)
		save(t, s)
		has("an integer", 1)
		if err := s.Set("_auth_user_id", []string{"42"}); err != nil {
			t.Fatal(err)
		}
		if err := s.Save(t.Context()); err == nil || !strings.Contains(err.Error(), "extra columns") {
			t.Errorf("an id that is a list: %v", err)
		}
		has("an error", 1)
	})
}

// TestExtraColumnsContract: what the function may return, and what becomes of it.
func TestExtraColumnsContract(t *testing.T) {
	db := connect(t, withTable(t, testenv.SQLiteVendor))
	db.MustExec("ALTER TABLE django_session ADD COLUMN note text DEFAULT 'none'")
	db.MustExec(`ALTER TABLE django_session ADD COLUMN "odd.na""me" text`)
	db.MustExec("ALTER TABLE django_session ADD COLUMN at datetime")
	row := func() string {
		var text string
		if err := db.Get(&text, `SELECT note || '|' || COALESCE("odd.na""me", '-') || '|' || COALESCE(CAST(at AS TEXT), '-') FROM django_session`); err != nil {
			t.Fatal(err)
		}
		return text
	}
	var returned map[string]any
	var failure error
	calls := 0
	ss := newSessions(t, db, dbstore.WithExtraColumns(func(context.Context, *serializer.Dict) (map[string]any, error) {
		calls++
		return returned, failure
	}))
	s := saved(t, ss)
	if got := row(); got != "none|-|-" || calls != 1 {
		t.Errorf("nil: %s after %d calls", got, calls)
	}
	at := time.Date(2026, 3, 1, 12, 0, 0, 250000000, time.UTC)
	returned = map[string]any{"note": "x", `odd.na"me`: dbstore.OnCreate("new"), "at": at}
	set(t, s, "b", 1)
	save(t, s)
	if got := row(); got != "x|-|2026-03-01 12:00:00.250000" {
		t.Errorf("saved: %s", got)
	}
	s.CycleKey()
	save(t, s)
	if got := row(); got != "x|new|2026-03-01 12:00:00.250000" {
		t.Errorf("moved: %s", got)
	}
	returned = map[string]any{}
	s.MarkModified()
	save(t, s)
	if got := row(); got != "x|new|2026-03-01 12:00:00.250000" {
		t.Errorf("an empty map changes something: %s", got)
	}
	failure = errors.New("no account")
	set(t, s, "b", 2)
	if err := s.Save(t.Context()); !errors.Is(err, failure) || errors.Is(err, django.ErrOutcomeUnknown) {
		t.Errorf("Save: %v", err)
	}
	failure = nil
	for _, name := range []string{"session_key", "Session_Data", "EXPIRE_DATE", ""} {
		returned = map[string]any{name: "x"}
		if err := s.Save(t.Context()); err == nil || !strings.Contains(err.Error(), "column") {
			t.Errorf("column %q: %v", name, err)
		}
	}
	if n, err := django.Value(load(t, ss, s.Key()), "b", 0); n != 1 || err != nil {
		t.Errorf("a save that failed stored %d, %v", n, err)
	}
}

// TestExtraColumnsOfUnreadable: nobody can say what belongs to data that cannot be read.
func TestExtraColumnsOfUnreadable(t *testing.T) {
	db := connect(t, withTable(t, testenv.SQLiteVendor))
	db.MustExec("ALTER TABLE django_session ADD COLUMN account_id integer")
	store := newSessions(t, db, dbstore.WithExtraColumns(account)).Store()
	data, err := serializer.JSON.Loads([]byte(`{"_auth_user_id":"42"}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Create(t.Context(), django.Write{Key: someKey, Data: data, Expires: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	db.MustExec("UPDATE django_session SET session_data = 'rubbish'")
	rec, err := store.Load(t.Context(), someKey, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Save(t.Context(), rec, django.Write{Key: someKey, Expires: time.Now().Add(2 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "SELECT COUNT(*) FROM django_session WHERE account_id = 42"); n != 1 {
		t.Error("the renewal has changed account_id")
	}
}

// TestUserIDOfUUID: a UUID is written as Django writes a UUIDField.
func TestUserIDOfUUID(t *testing.T) {
	const id = "0b95f6a8-3c2d-4f6e-9a51-7d2c8e4b1f00"
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		kind, want := "char(32)", strings.ReplaceAll(id, "-", "")
		if db.DriverName() == "pgx" {
			kind, want = "uuid", id
		}
		db.MustExec("ALTER TABLE django_session ADD COLUMN account_id " + kind)
		having(t, newSessions(t, db, dbstore.WithExtraColumns(account)), "_auth_user_id", id)
		var got string
		if err := db.Get(&got, "SELECT account_id FROM django_session"); err != nil || got != want {
			t.Errorf("account_id is %q, %v", got, err)
		}
	})
}

// TestUnencodable: a value that the driver cannot encode was not sent, so that the outcome
// is known.
func TestUnencodable(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		db.MustExec("ALTER TABLE django_session ADD COLUMN account integer")
		for name, value := range map[string]any{
			"a struct": struct{ A int }{7}, "a channel": make(chan int), "a function": func() {},
			"a map": map[string]int{"a": 1}, "a complex number": complex(1, 2), "a long integer": int64(5_000_000_000),
		} {
			ss := newSessions(t, db, extra(map[string]any{"account": value}))
			s := ss.NewSession()
			set(t, s, "a", 1)
			err := s.Save(t.Context())
			if errors.Is(err, django.ErrOutcomeUnknown) || err == nil && name != "a long integer" {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// TestUnencodableBySimpleProtocol: the same if pgx puts the values into the statement. The
// error comes without retries and names the value's type.
func TestUnencodableBySimpleProtocol(t *testing.T) {
	d := withTable(t, testenv.PostgreSQLVendor)
	execute(t, d, "ALTER TABLE django_session ADD note text")
	for _, mode := range []string{"cache_statement", "exec", "simple_protocol"} {
		sent := 0
		ss := newSessions(t, connect(t, d, "default_query_exec_mode="+mode),
			dbstore.WithErrorKind(func(error) dbstore.ErrorKind { sent++; return dbstore.KindOther }),
			extra(map[string]any{"note": struct {
				A chan int
				B string
			}{B: "a long note about a customer"}}))
		s := ss.NewSession()
		set(t, s, "a", 1)
		err := s.Save(t.Context())
		if err == nil || errors.Is(err, django.ErrOutcomeUnknown) || sent != 1 || !strings.Contains(err.Error(), "chan int") {
			t.Errorf("%s: %v after %d attempts", mode, err, sent)
		}
		if strings.Contains(fmt.Sprint(err), "customer") {
			t.Errorf("%s: the error quotes the value", mode)
		}
	}
}

// TestValuesInErrors: a message that may quote an extra column's value is withheld, however
// short the value is, and the others are shown.
func TestValuesInErrors(t *testing.T) {
	db := connect(t, withTable(t, testenv.PostgreSQLVendor))
	db.MustExec("ALTER TABLE django_session ADD COLUMN note text CHECK (note = '')")
	db.MustExec(`CREATE FUNCTION quote() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'row 7: note is %', left(NEW.note, 20); END $$`)
	db.MustExec("CREATE TRIGGER quote BEFORE INSERT ON django_session FOR EACH ROW EXECUTE PROCEDURE quote()")
	save := func(columns map[string]any) error {
		s := newSessions(t, db, extra(columns)).NewSession()
		set(t, s, "a", 1)
		return s.Save(t.Context())
	}
	for _, note := range []string{"7", "a long note about a customer"} {
		if err := save(map[string]any{"note": note}); err == nil || strings.Contains(err.Error(), "row 7") || !strings.Contains(err.Error(), "withheld") {
			t.Errorf("%q: %v", note, err)
		}
	}
	if err := save(map[string]any{"nope": 1}); err == nil || !strings.Contains(err.Error(), `column "nope" of relation "django_session" does not exist`) {
		t.Errorf("an unknown column: %v", err)
	}
	db.MustExec("DROP TRIGGER quote ON django_session")
	db.MustExec("ALTER TABLE django_session ADD COLUMN account integer NOT NULL")
	if err := save(nil); err == nil || !strings.Contains(err.Error(), `null value in column "account"`) {
		t.Errorf("a column without a value: %v", err)
	}
	db.SetMaxOpenConns(1)
	db.MustExec("SET ROLE pg_monitor") // which every server has
	if err := save(map[string]any{"account": 1}); err == nil || !strings.Contains(err.Error(), "permission denied for") {
		t.Errorf("without permission: %v", err)
	}
}

// TestExtraColumnsUseTheStore: the function may read sessions itself, the one being saved
// among them, on the only connection there is.
func TestExtraColumnsUseTheStore(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		db.SetMaxOpenConns(1)
		db.MustExec("ALTER TABLE django_session ADD COLUMN account_id integer")
		key := saved(t, newSessions(t, db)).Key()
		var store django.Store
		store = newSessions(t, db, dbstore.WithExtraColumns(func(ctx context.Context, d *serializer.Dict) (map[string]any, error) {
			rec, err := store.Load(ctx, key, time.Now())
			return map[string]any{"account_id": rec.Data.Len()}, err
		})).Store()
		rec, err := store.Load(t.Context(), key, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		ctx := limited(t, 20*time.Second)
		expires := time.Now().Add(time.Hour)
		if rec, err = store.Save(ctx, rec, django.Write{Key: key, Expires: expires}); err != nil {
			t.Fatal(err)
		}
		if _, err = store.Save(ctx, rec, django.Write{Key: key, Data: new(serializer.Dict), Expires: expires}); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Create(ctx, django.Write{Key: someKey, Data: new(serializer.Dict), Expires: expires}); err != nil {
			t.Fatal(err)
		}
		if n := count(t, db, "SELECT SUM(account_id) FROM django_session"); n != 1 {
			t.Errorf("the columns add up to %d, want 1", n)
		}
	})
}
