package usertable_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/internal/testenv"
)

// TestMissingActiveColumn: a column that the table lacks makes nobody active, and the
// error says what to do.
func TestMissingActiveColumn(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		db.MustExec("CREATE TABLE members AS SELECT id, username, password, last_login, is_staff, is_superuser, email, is_active AS enabled FROM auth_user")
		for name, opts := range map[string][]usertable.Option{
			"Django's own name": nil,
			"another":           {usertable.WithActiveColumn("is_enabled")},
		} {
			users := open(t, db, append(opts, usertable.WithTable("members"))...)
			_, byID := users.ByID(t.Context(), "22")
			_, byUsername := users.ByUsername(t.Context(), "ben")
			for _, err := range []error{byID, byUsername} {
				var e *usertable.Error
				if !errors.As(err, &e) || e.Kind != dbstore.KindUndefined || !strings.Contains(err.Error(), "WithActiveColumn") {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		for column, active := range map[string]bool{"enabled": false, "": true} {
			users := open(t, db, usertable.WithActiveColumn(column), usertable.WithTable("members"))
			if u := byID(t, users, "22"); u.IsActive != active {
				t.Errorf("with the column %q ben is active: %t", column, u.IsActive)
			}
		}
	})
}

// TestColumnOptions: WithActiveColumn and WithPasswordColumn count whatever the order.
func TestColumnOptions(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		db.MustExec("CREATE TABLE members AS SELECT id, username, password AS secret, is_active AS enabled FROM auth_user")
		lean := usertable.WithColumns(usertable.Columns{ID: "id", Username: "username", Password: "password"})
		active, password := usertable.WithActiveColumn("enabled"), usertable.WithPasswordColumn("secret")
		for _, opts := range [][]usertable.Option{{lean, active, password}, {password, active, lean}} {
			users := open(t, db, append(opts, usertable.WithTable("members"))...)
			same(t, byID(t, users, "1"), auth.User{ID: "1", Username: "ann", Password: ann.Password, IsActive: true})
			same(t, byID(t, users, "22"), auth.User{ID: "22", Username: "ben", Password: ben.Password})
		}
	})
}

// TestTableWithoutNames: a model need not have Django's fields for the e-mail address and
// the names; after the first query each user costs one statement again.
func TestTableWithoutNames(t *testing.T) {
	for name, vendor := range testenv.Vendors {
		t.Run(name, func(t *testing.T) {
			db := connect(t, withUsers(t, vendor))
			db.MustExec("CREATE TABLE members AS SELECT id, username, password, last_login, is_active, is_staff, is_superuser, email FROM auth_user")
			counted := &testenv.Counting{DB: db}
			want := ann
			want.FirstName, want.LastName = "", ""
			users := open(t, counted, usertable.WithTable("members"), usertable.WithDialect(dialects[db.DriverName()]))
			same(t, byID(t, users, "1"), want)
			counted.Statements.Store(0)
			got, err := users.ByUsername(t.Context(), "ann")
			if err != nil {
				t.Fatal(err)
			}
			same(t, got, want)
			if n := counted.Statements.Load(); n != 1 {
				t.Errorf("%d statements, want 1", n)
			}
			// Under a name that is not Django's, somebody meant the column.
			c := usertable.DefaultColumns()
			c.LastName = "surname"
			if u, err := open(t, db, usertable.WithTable("members"), usertable.WithColumns(c)).ByID(t.Context(), "1"); err == nil {
				t.Errorf("without the column surname: %v", u)
			}
		})
	}
}

// TestTableGetsItsColumns: what the table lacked when it was first asked, before a
// migration, is not remembered as missing.
func TestTableGetsItsColumns(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		db.MustExec("CREATE TABLE members AS SELECT id FROM auth_user")
		users := open(t, db, usertable.WithTable("members"))
		if u, err := users.ByID(t.Context(), "1"); err == nil {
			t.Fatalf("from a table without columns: %v", u)
		}
		db.MustExec("DROP TABLE members")
		db.MustExec("CREATE TABLE members AS SELECT * FROM auth_user")
		same(t, byID(t, users, "1"), ann)
	})
}

func TestExtraColumns(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		db.MustExec("ALTER TABLE auth_user ADD COLUMN session_token varchar(40) NULL")
		db.MustExec("ALTER TABLE auth_user ADD COLUMN points integer NULL")
		db.MustExec("UPDATE auth_user SET session_token = 'grün', points = 7 WHERE id = 1")
		users := open(t, db, usertable.WithExtraColumns("session_token"), usertable.WithExtraColumns("points", "date_joined"))
		u := byID(t, users, "1")
		token, errToken := auth.Column[string](u, "session_token")
		points, errPoints := auth.Column[int64](u, "points")
		if err := errors.Join(errToken, errPoints); err != nil || token != "grün" || points != 7 {
			t.Errorf("%q, %d, %v", token, points, err)
		}
		if db.DriverName() != "mysql" { // there it depends on the DSN
			if at, err := auth.Column[time.Time](u, "date_joined"); err != nil || at.IsZero() {
				t.Errorf("date_joined: %v, %v", at, err)
			}
		}
		if _, err := auth.Column[int](u, "session_token"); err == nil || strings.Contains(err.Error(), "grün") {
			t.Errorf("a number: %v", err)
		}
		u, err := users.ByUsername(t.Context(), "ben")
		if err != nil {
			t.Fatal(err)
		}
		if token, err := auth.Column[string](u, "session_token"); err != nil || token != "" {
			t.Errorf("NULL: %q, %v", token, err)
		}
		if _, err := auth.Column[string](u, "phone"); err == nil || !strings.Contains(err.Error(), "WithExtraColumns") {
			t.Errorf("a column that was not read: %v", err)
		}
		if u, err := open(t, db, usertable.WithExtraColumns("phone")).ByID(t.Context(), "1"); err == nil {
			t.Errorf("a column that is not there: %v", u)
		}
	})
}

// TestEmptyPassword is what User.objects.create leaves.
func TestEmptyPassword(t *testing.T) {
	db := connect(t, withUsers(t, testenv.SQLiteVendor))
	db.MustExec("UPDATE auth_user SET password = '' WHERE id = 22")
	want := ben
	want.Password, want.EmptyPassword = "", true
	same(t, byID(t, open(t, db), "22"), want)
}
