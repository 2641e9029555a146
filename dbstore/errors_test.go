package dbstore_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/serializer"
)

const someKey = "abcdefghijklmnopqrstuvwxyz012345"

func TestErrorNamesTheTable(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		if _, err := db.Exec("CREATE TABLE other_columns (session_key varchar(40) PRIMARY KEY, data text)"); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"no_such_table", "other_columns"} {
			store := newSessions(t, db, dbstore.WithTable(table)).Store()
			d := new(serializer.Dict)
			_, load := store.Load(t.Context(), someKey, time.Now())
			_, create := store.Create(t.Context(), django.Write{Key: someKey, Data: d, Expires: time.Now()})
			_, clear := store.ClearExpired(t.Context(), time.Now())
			for op, err := range map[string]error{"load": load, "create": create, "clear": clear} {
				var e *dbstore.Error
				if !errors.As(err, &e) || e.Kind != dbstore.KindUndefined || !strings.Contains(err.Error(), table) {
					t.Errorf("%s of %s: %v", op, table, err)
				}
				if err != nil && strings.Contains(err.Error(), someKey) {
					t.Errorf("%s of %s: the error holds the key", op, table)
				}
			}
		}
	})
}

// TestErrorWithholdsTheKey: a database may quote the row in its message.
func TestErrorWithholdsTheKey(t *testing.T) {
	db := connect(t, withTable(t, testenv.PostgreSQLVendor))
	db.MustExec(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN RAISE EXCEPTION 'no % and %', NEW.session_key, NEW.session_data; END $$`)
	db.MustExec("CREATE TRIGGER refuse BEFORE INSERT ON django_session FOR EACH ROW EXECUTE PROCEDURE refuse()")
	_, err := newSessions(t, db).Store().Create(t.Context(), django.Write{Key: someKey, Data: new(serializer.Dict), Expires: time.Now()})
	var e *dbstore.Error
	if !errors.As(err, &e) {
		t.Fatalf("Create: %v", err)
	}
	var driver *pgconn.PgError
	if !errors.As(err, &driver) || !strings.Contains(driver.Message, someKey) {
		t.Errorf("the driver's error does not quote the key: %v", driver)
	}
	if strings.Contains(err.Error()+e.Err.Error(), someKey) || !strings.Contains(err.Error(), "SQLSTATE P0001: message withheld") {
		t.Error("the error quotes the key")
	}
}

// TestImpossibleKeys asks no query: the database is closed.
func TestImpossibleKeys(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		store := newSessions(t, db).Store()
		db.Close()
		for _, key := range []string{"", "short", strings.Repeat("a", 41), "../../../etc/passwd", "a\x00bcdefgh", "' OR 1=1 --", strings.Repeat("x", 10<<10)} {
			if _, err := store.Load(t.Context(), key, time.Now()); !errors.Is(err, django.ErrNotFound) {
				t.Errorf("Load of a key of %d bytes: %v", len(key), err)
			}
			if err := store.Delete(t.Context(), key); err != nil {
				t.Errorf("Delete of a key of %d bytes: %v", len(key), err)
			}
		}
		if _, err := store.Load(t.Context(), someKey, time.Now()); err == nil || errors.Is(err, django.ErrNotFound) {
			t.Errorf("Load from a closed database: %v", err)
		}
	})
}

func TestUnknownDriver(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		odd := sqlx.NewDb(db.DB, "odd")
		if _, err := django.New(settings(), dbstore.New(odd)); err == nil || !strings.Contains(err.Error(), "WithDialect") {
			t.Errorf("New: %v", err)
		}
	})
}
