package usertable_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/sqldb"
	"github.com/djsession/djsession/internal/testenv"
)

func TestErrorNamesTheTable(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		db.MustExec("CREATE TABLE other_columns (id integer, name varchar(9))")
		for _, table := range []string{"no_such_table", "other_columns"} {
			users := open(t, db, usertable.WithTable(table))
			_, byID := users.ByID(t.Context(), "1")
			_, byUsername := users.ByUsername(t.Context(), "q-user")
			_, setPassword := users.SetPassword(t.Context(), "1", "q-old", "q-new")
			lastLogin := users.SetLastLogin(t.Context(), "1", time.Now())
			for op, err := range map[string]error{"by id": byID, "by username": byUsername, "set password": setPassword, "set last login": lastLogin} {
				var e *dbstore.Error
				if !errors.As(err, &e) || e.Kind != dbstore.KindUndefined || e.Table != table || e.Op != op {
					t.Errorf("%s of %s: %v", op, table, err)
					continue
				}
				text := err.Error()
				if !strings.Contains(text, table) || !strings.Contains(text, "WithTable") || strings.Contains(text, "q-") || strings.Contains(text, "withheld") {
					t.Errorf("%s of %s: %s", op, table, text)
				}
			}
		}
	})
}

// TestErrorWithholdsTheUser: a database may quote the row in its message.
func TestErrorWithholdsTheUser(t *testing.T) {
	d := withUsers(t, testenv.PostgreSQLVendor)
	db := connect(t, d)
	db.MustExec("UPDATE auth_user SET id = 220022 WHERE id = 22")
	db.MustExec(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '%', current_setting('a.message'); END $$`)
	db.MustExec("CREATE TRIGGER refuse BEFORE UPDATE ON auth_user FOR EACH ROW EXECUTE PROCEDURE refuse()")
	db.SetMaxOpenConns(1)
	users := open(t, db)
	for _, message := range []string{"user 220022 is locked", "no pbkdf2_sha256$ben any more", "no pbkdf2_sha256$new yet"} {
		if _, err := db.Exec("SELECT set_config('a.message', $1, false)", message); err != nil {
			t.Fatal(err)
		}
		_, err := users.SetPassword(t.Context(), "220022", ben.Password, "pbkdf2_sha256$new")
		var e *dbstore.Error
		var driver *pgconn.PgError
		if !errors.As(err, &e) || !errors.As(err, &driver) || driver.Message != message {
			t.Fatalf("SetPassword: %v", err)
		}
		if strings.Contains(err.Error(), message) || !strings.Contains(err.Error(), "SQLSTATE P0001: message withheld") {
			t.Errorf("%q: %v", message, err)
		}
	}

	// What a server says of a parameter that it cannot read.
	db = connect(t, d)
	for id, key := range map[string]usertable.Key{"surely-no-number": usertable.Text, uuidAnn: usertable.UUID} {
		_, err := open(t, db, usertable.WithKey(key)).ByID(t.Context(), id)
		var e *dbstore.Error
		if !errors.As(err, &e) || !strings.Contains(strings.ReplaceAll(innermost(err).Error(), "-", ""), strings.ReplaceAll(id, "-", "")) {
			t.Errorf("%s: the driver does not quote the id: %v", id, err)
		}
		if strings.Contains(strings.ReplaceAll(err.Error(), "-", ""), strings.ReplaceAll(id, "-", "")) || !strings.Contains(err.Error(), "withheld") && !strings.Contains(err.Error(), "cannot be converted") {
			t.Errorf("the error quotes the id: %v", err)
		}
	}
}

// innermost returns the driver's error.
func innermost(err error) error {
	var e *sqldb.Error
	if !errors.As(err, &e) {
		return err
	}
	return e.Unwrap()
}

// TestErrorQuotesNoValue: where a column was taken for another, the error names it and does
// not quote what it holds.
func TestErrorQuotesNoValue(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		for _, column := range []string{"password", "email", "first_name", "username"} {
			users := open(t, db, usertable.WithActiveColumn(column))
			_, byID := users.ByID(t.Context(), "1")
			_, byUsername := users.ByUsername(t.Context(), "ann")
			for _, err := range []error{byID, byUsername} {
				if err == nil || !strings.Contains(err.Error(), column) {
					t.Errorf("%s as is_active: %v", column, err)
					continue
				}
				for _, value := range []string{ann.Password, ann.Email, `"ann"`, "Ann"} {
					if strings.Contains(err.Error(), value) {
						t.Errorf("%s as is_active: %v", column, err)
					}
				}
			}
		}
	})
}

// TestRoundTrips: one statement each.
func TestRoundTrips(t *testing.T) {
	for name, vendor := range testenv.Vendors {
		t.Run(name, func(t *testing.T) {
			d := withUsers(t, vendor)
			withPermissions(t, d, "auth_user", "user", "integer")
			db := connect(t, d)
			counted := &testenv.Counting{DB: db}
			users := open(t, counted, usertable.WithDialect(dialects[db.DriverName()]))
			for step, do := range map[string]func() error{
				"by id":          func() error { _, err := users.ByID(t.Context(), "1"); return err },
				"by username":    func() error { _, err := users.ByUsername(t.Context(), "ann"); return err },
				"set password":   func() error { _, err := users.SetPassword(t.Context(), "1", ann.Password, "new"); return err },
				"wrong password": func() error { _, err := users.SetPassword(t.Context(), "1", "wrong", "newer"); return err },
				"set last login": func() error { return users.SetLastLogin(t.Context(), "1", time.Now()) },
				"permissions":    func() error { _, err := users.Permissions(t.Context(), "1"); return err },
				"all of them":    func() error { _, err := users.AllPermissions(t.Context()); return err },
			} {
				counted.Statements.Store(0)
				if err := do(); err != nil {
					t.Error(err)
				}
				if n := counted.Statements.Load(); n != 1 {
					t.Errorf("%s took %d statements, want 1", step, n)
				}
			}
		})
	}
}

// TestBusy: another program writes; that is waited for, for so long.
func TestBusy(t *testing.T) {
	d := withUsers(t, testenv.SQLiteVendor)
	withPermissions(t, d, "auth_user", "user", "integer")
	db := connect(t, d)
	calls := map[string]func(ctx context.Context, users *usertable.Table) error{
		"by id":       func(ctx context.Context, u *usertable.Table) error { _, err := u.ByID(ctx, "1"); return err },
		"by username": func(ctx context.Context, u *usertable.Table) error { _, err := u.ByUsername(ctx, "ann"); return err },
		"set password": func(ctx context.Context, u *usertable.Table) error {
			_, err := u.SetPassword(ctx, "1", "", "x")
			return err
		},
		"set last login": func(ctx context.Context, u *usertable.Table) error { return u.SetLastLogin(ctx, "1", time.Now()) },
		"permissions":    func(ctx context.Context, u *usertable.Table) error { _, err := u.Permissions(ctx, "1"); return err },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			time.AfterFunc(100*time.Millisecond, d.Lock(t))
			if err := call(t.Context(), open(t, db)); err != nil {
				t.Errorf("does not wait: %v", err)
			}
			unlock := d.Lock(t)
			defer unlock()
			err := call(t.Context(), open(t, db, usertable.WithMaxWait(20*time.Millisecond)))
			var e *dbstore.Error
			if !errors.As(err, &e) || e.Kind != dbstore.KindTransient || errors.Is(err, auth.ErrNoUser) || errors.Is(err, django.ErrConflict) {
				t.Errorf("after the longest wait: %v", err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			if err := call(ctx, open(t, db)); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("after the context's end: %v", err)
			}
		})
	}
}

// TestErrorKind: an error of a driver that is not known may be told from others.
func TestErrorKind(t *testing.T) {
	db := connect(t, withUsers(t, testenv.SQLiteVendor))
	users := open(t, db, usertable.WithTable("none"), usertable.WithErrorKind(func(err error) dbstore.ErrorKind {
		if strings.Contains(fmt.Sprint(err), "no such table") {
			return dbstore.KindTransient
		}
		return dbstore.KindOther
	}), usertable.WithMaxWait(0))
	_, err := users.ByID(t.Context(), "1")
	var e *dbstore.Error
	if !errors.As(err, &e) || e.Kind != dbstore.KindTransient {
		t.Errorf("ByID: %v", err)
	}
}

// TestTransaction: what is written takes effect with the commit, and is seen
// within.
func TestTransaction(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		pool := open(t, db)
		for _, end := range []func(*sqlx.Tx) error{(*sqlx.Tx).Rollback, (*sqlx.Tx).Commit} {
			tx := db.MustBegin()
			users := open(t, tx)
			for range 2 { // the second is no change
				if done, err := users.SetPassword(t.Context(), "22", "", "new"); !done || err != nil {
					t.Fatalf("SetPassword: %t, %v", done, err)
				}
			}
			if done, err := users.SetPassword(t.Context(), "22", "new", "new"); !done || err != nil {
				t.Fatalf("SetPassword: %t, %v", done, err)
			}
			if got := byID(t, users, "22").Password; got != "new" {
				t.Errorf("in the transaction it is %q", got)
			}
			if err := end(tx); err != nil {
				t.Fatal(err)
			}
		}
		if got := byID(t, pool, "22").Password; got != "new" {
			t.Errorf("after the commit it is %q", got)
		}
	})
}

// TestTransactionConflict: a transient error of a transaction is the caller's to retry, as
// it is with dbstore.
func TestTransactionConflict(t *testing.T) {
	db := connect(t, withUsers(t, testenv.PostgreSQLVendor))
	tx, err := db.BeginTxx(t.Context(), &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	users := open(t, tx)
	byID(t, users, "1")
	if done, err := open(t, db).SetPassword(t.Context(), "1", "", "first"); !done || err != nil {
		t.Fatal(err)
	}
	done, err := users.SetPassword(t.Context(), "1", ann.Password, "second")
	if done || !errors.Is(err, django.ErrConflict) {
		t.Errorf("SetPassword: %t, %v", done, err)
	}
}
