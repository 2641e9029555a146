package usertable_test

import (
	"errors"
	"maps"
	"reflect"
	"slices"
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
				var e *dbstore.Error
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
// the names; each user costs one statement all the same, but for the one that shows it.
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
			got, err := users.ByUsername(t.Context(), "ann")
			if err != nil {
				t.Fatal(err)
			}
			same(t, got, want)
			if n := counted.Statements.Load(); n != 3 {
				t.Errorf("%d statements for two users", n)
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

// TestOptionalColumnsComeAndGo: each query reads the columns that the table has at that
// moment, outside a transaction and inside, where an error would end it.
func TestOptionalColumnsComeAndGo(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		users, late := open(t, db), (*usertable.Table)(nil)
		check := func(want auth.User) {
			t.Helper()
			tx := db.MustBegin()
			defer tx.Rollback()
			for _, users := range []*usertable.Table{users, late, open(t, db), open(t, tx)} {
				if users == nil {
					continue
				}
				same(t, byID(t, users, "1"), want)
				u, err := users.ByUsername(t.Context(), "ann")
				if err != nil {
					t.Fatal(err)
				}
				same(t, u, want)
			}
			var n int
			if err := tx.Get(&n, "SELECT 1"); err != nil {
				t.Errorf("the transaction was aborted: %v", err)
			}
		}
		check(ann)
		want := ann
		for column, field := range map[string]*string{"email": &want.Email, "first_name": &want.FirstName, "last_name": &want.LastName} {
			db.MustExec("ALTER TABLE auth_user RENAME COLUMN " + column + " TO old_" + column)
			*field = ""
			check(want)
		}
		late = open(t, db) // it first asks when all are missing
		check(want)
		for _, column := range []string{"email", "first_name", "last_name"} {
			db.MustExec("ALTER TABLE auth_user RENAME COLUMN old_" + column + " TO " + column)
		}
		check(ann)
	})
}

// TestOptionalColumnOfAnotherType: encrypted or structured, it makes no query fail.
func TestOptionalColumnOfAnotherType(t *testing.T) {
	types := map[string][]string{"sqlite": {"BLOB", "json"}, "pgx": {"bytea", "jsonb", "json", "integer", "text[]"}, "mysql": {"longblob", "json", "integer"}}
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		users := open(t, db)
		for _, kind := range types[db.DriverName()] {
			db.MustExec("ALTER TABLE auth_user DROP COLUMN email")
			db.MustExec("ALTER TABLE auth_user ADD COLUMN email " + kind + " NULL")
			want := ann
			want.Email = ""
			same(t, byID(t, users, "1"), want)
		}
	})
}

// TestOptionalColumnThatIsNeeded: one that is the user name, or is named as a further column
// because a session hash is made of it, is never read as empty.
func TestOptionalColumnThatIsNeeded(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		c := usertable.DefaultColumns()
		c.Username = "email"
		for _, opt := range []usertable.Option{usertable.WithExtraColumns("email"), usertable.WithColumns(c)} {
			users := open(t, db, opt)
			if u := byID(t, users, "1"); u.Email != ann.Email {
				t.Errorf("the e-mail address is %q", u.Email)
			}
			db.MustExec("ALTER TABLE auth_user RENAME COLUMN email TO old_email")
			var e *dbstore.Error
			if u, err := users.ByID(t.Context(), "1"); !errors.As(err, &e) || e.Kind != dbstore.KindUndefined {
				t.Errorf("without the column: %v, %v", u, err)
			}
			db.MustExec("ALTER TABLE auth_user RENAME COLUMN old_email TO email")
			if u := byID(t, users, "1"); u.Email != ann.Email {
				t.Errorf("with the column again, the e-mail address is %q", u.Email)
			}
		}
	})
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
		if at, err := auth.Column[time.Time](u, "date_joined"); err != nil || at != ann.LastLogin {
			t.Errorf("date_joined: %v, %v", at, err)
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

// TestFurtherColumnTypes is the table in docs/users.md: read as these types,
// Django's fields are the same on every database.
func TestFurtherColumnTypes(t *testing.T) {
	types := map[string]map[string]string{ // Django's
		"sqlite": {"f_uuid": "char(32)", "f_binary": "BLOB", "f_time": "datetime", "f_bool": "bool", "f_float": "real", "f_json": "text", "f_date": "date"},
		"pgx": {"f_uuid": "uuid", "f_binary": "bytea", "f_time": "timestamp with time zone", "f_bool": "boolean", "f_float": "double precision",
			"f_json": "jsonb", "f_date": "date"},
		"mysql": {"f_uuid": "char(32)", "f_binary": "longblob", "f_time": "datetime(6)", "f_bool": "bool", "f_float": "double precision", "f_json": "json", "f_date": "date"},
	}
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		columns := map[string]string{"f_decimal": "decimal(12, 2)", "f_integer": "bigint", "f_text": "varchar(20)"}
		maps.Copy(columns, types[db.DriverName()])
		for name, kind := range columns {
			db.MustExec("ALTER TABLE auth_user ADD COLUMN " + name + " " + kind + " NULL")
		}
		db.MustExec(`UPDATE auth_user SET f_uuid = '00112233445566778899aabbccddeeff', f_decimal = 2500000.25, f_time = '2026-01-02 03:04:05.500000',
			f_date = '2026-01-02', f_bool = true, f_integer = 7, f_float = 1.5, f_text = 'grün', f_json = '{"a": 1}', f_binary = 'bytes' WHERE id = 1`)
		users := open(t, db, usertable.WithExtraColumns(slices.Collect(maps.Keys(columns))...))
		u, null := byID(t, users, "1"), byID(t, users, "22")
		check := func(name string, got, want any, err error) {
			t.Helper()
			if err != nil || got != want {
				t.Errorf("%s: %v, %v; want %v", name, got, err, want)
			}
		}
		for name, f := range map[string]func(auth.User, string) (any, error){
			"f_text":    as[string],
			"f_integer": as[int64],
			"f_bool":    as[bool],
			"f_float":   as[float64],
			"f_decimal": as[string],
			"f_date":    as[time.Time],
			"f_time":    as[time.Time],
			"f_uuid":    func(u auth.User, name string) (any, error) { return usertable.UUIDColumn(u, name) },
			"f_binary": func(u auth.User, name string) (any, error) {
				b, err := auth.Column[[]byte](u, name)
				return string(b), err
			},
			"f_json": func(u auth.User, name string) (any, error) {
				b, err := auth.Column[[]byte](u, name)
				return string(b), err
			},
		} {
			want := map[string]any{
				"f_text": "grün", "f_integer": int64(7), "f_bool": true, "f_float": 1.5, "f_decimal": "2500000.25", "f_binary": "bytes", "f_json": `{"a": 1}`,
				"f_uuid": "00112233-4455-6677-8899-aabbccddeeff",
				"f_date": time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC),
				"f_time": time.Date(2026, 1, 2, 3, 4, 5, 500_000_000, time.UTC),
			}[name]
			got, err := f(u, name)
			check(name, got, want, err)
			got, err = f(null, name)
			check(name+" of NULL", got, reflect.Zero(reflect.TypeOf(want)).Interface(), err)
		}
		decimal, err := auth.Column[float64](u, "f_decimal")
		check("f_decimal as a number", decimal, 2500000.25, err)
		if p, err := auth.Column[*string](null, "f_text"); p != nil || err != nil {
			t.Errorf("NULL as a pointer: %v, %v", p, err)
		}
		if _, err := usertable.UUIDColumn(u, "f_text"); err == nil || strings.Contains(err.Error(), "grün") {
			t.Errorf("a text as a UUID: %v", err)
		}
	})
}

func as[T any](u auth.User, name string) (any, error) { return auth.Column[T](u, name) }

// TestEmptyPassword is what User.objects.create leaves.
func TestEmptyPassword(t *testing.T) {
	db := connect(t, withUsers(t, testenv.SQLiteVendor))
	db.MustExec("UPDATE auth_user SET password = '' WHERE id = 22")
	want := ben
	want.Password, want.EmptyPassword = "", true
	same(t, byID(t, open(t, db), "22"), want)
}
