package usertable_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/hashers"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/memstore"
)

func TestUsers(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		users := open(t, db)
		for _, want := range []auth.User{ann, ben} {
			same(t, byID(t, users, want.ID), want)
			got, err := users.ByUsername(t.Context(), want.Username)
			if err != nil {
				t.Fatal(err)
			}
			same(t, got, want)
		}
		// Django's exact lookup is the database's equality.
		u, err := users.ByUsername(t.Context(), "ANN")
		if db.DriverName() != "mysql" {
			if !errors.Is(err, auth.ErrNoUser) {
				t.Errorf("ByUsername in another case: %v, %v", u, err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		same(t, u, ann)
	})
}

func TestNobody(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		users := open(t, db)
		// Some are too large for the column.
		for _, id := range []string{"2", "0", "-1", "2147483648", "9223372036854775807", "-9223372036854775808"} {
			if _, err := users.ByID(t.Context(), id); !errors.Is(err, auth.ErrNoUser) {
				t.Errorf("ByID(%q): %v", id, err)
			}
		}
		for _, name := range []string{"", "anne", "%", "' OR 1=1 --", "\U0001f600", strings.Repeat("x", 10_000)} {
			if _, err := users.ByUsername(t.Context(), name); !errors.Is(err, auth.ErrNoUser) {
				t.Errorf("ByUsername(%.20q): %v", name, err)
			}
		}
		// What nobody can have costs no query: the database is closed.
		db.Close()
		for _, id := range []string{"", "01", "+1", " 1", "1 ", "1_0", "1.0", "\uff11", "x", "1\x00", "9223372036854775808", "-0"} {
			if _, err := users.ByID(t.Context(), id); !errors.Is(err, auth.ErrNoUser) {
				t.Errorf("ByID(%q): %v", id, err)
			}
			if done, err := users.SetPassword(t.Context(), id, "", "x"); done || err != nil {
				t.Errorf("SetPassword of %q: %t, %v", id, done, err)
			}
			if err := users.SetLastLogin(t.Context(), id, time.Now()); !errors.Is(err, auth.ErrNoUser) {
				t.Errorf("SetLastLogin of %q: %v", id, err)
			}
			if all, err := users.Permissions(t.Context(), id); len(all) > 0 || err != nil {
				t.Errorf("Permissions of %q: %v, %v", id, all, err)
			}
		}
		for _, name := range []string{"ann\x00", "\xff", "\xed\xa0\x80"} {
			if _, err := users.ByUsername(t.Context(), name); !errors.Is(err, auth.ErrNoUser) {
				t.Errorf("ByUsername(%q): %v", name, err)
			}
		}
		if _, err := users.ByID(t.Context(), "1"); err == nil || errors.Is(err, auth.ErrNoUser) {
			t.Errorf("ByID from a closed database: %v", err)
		}
		if _, err := users.ByUsername(t.Context(), "ann"); err == nil || errors.Is(err, auth.ErrNoUser) {
			t.Errorf("ByUsername from a closed database: %v", err)
		}
	})
}

// TestTwoOfOneName is what Django raises MultipleObjectsReturned for.
func TestTwoOfOneName(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		db.MustExec("CREATE TABLE members AS SELECT * FROM auth_user")
		db.MustExec("UPDATE members SET username = 'ann'")
		_, err := open(t, db, usertable.WithTable("members")).ByUsername(t.Context(), "ann")
		if err == nil || errors.Is(err, auth.ErrNoUser) || strings.Contains(err.Error(), "ann") {
			t.Errorf("ByUsername: %v", err)
		}
	})
}

// TestLeanModel: a model that has nothing but a key, a name and a password, under
// odd names, the user name of which may be NULL.
func TestLeanModel(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		q := `"`
		if db.DriverName() == "mysql" {
			q = "`"
		}
		db.MustExec(strings.ReplaceAll(`CREATE TABLE "odd?100%" ("no?" bigint PRIMARY KEY, "e?mail" varchar(99) NULL, "order" varchar(128) NOT NULL)`, `"`, q))
		db.MustExec(strings.ReplaceAll(`INSERT INTO "odd?100%" VALUES (9223372036854775807, 'ann@example.com', 'hash'), (-7, NULL, 'hash')`, `"`, q))
		set := settings()
		set.UseTZ = nil // there is no time
		users, err := usertable.Open(db, sessions(t, set), usertable.WithTable("odd?100%"),
			usertable.WithColumns(usertable.Columns{ID: "no?", Username: "e?mail", Password: "order"}))
		if err != nil {
			t.Fatal(err)
		}
		want := auth.User{ID: "9223372036854775807", Username: "ann@example.com", Password: "hash", IsActive: true}
		same(t, byID(t, users, want.ID), want)
		got, err := users.ByUsername(t.Context(), want.Username)
		if err != nil {
			t.Fatal(err)
		}
		same(t, got, want)
		same(t, byID(t, users, "-7"), auth.User{ID: "-7", Password: "hash", IsActive: true})
		if err := users.SetLastLogin(t.Context(), want.ID, time.Now()); err != nil {
			t.Errorf("SetLastLogin: %v", err)
		}
		if done, err := users.SetPassword(t.Context(), want.ID, "hash", "other"); !done || err != nil {
			t.Errorf("SetPassword: %t, %v", done, err)
		}
	})
}

func TestSchema(t *testing.T) {
	d := withUsers(t, testenv.PostgreSQLVendor)
	db := connect(t, d)
	db.MustExec(`CREATE SCHEMA shop; CREATE TABLE shop."Odd ""name""" AS SELECT * FROM auth_user`)
	same(t, byID(t, open(t, db, usertable.WithTable(`shop.Odd "name"`)), "1"), ann)
}

// TestNullFlags: a flag that a model allows to be NULL is not set.
func TestNullFlags(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		db.MustExec("CREATE TABLE members AS SELECT * FROM auth_user")
		for _, column := range []string{"is_active", "is_staff", "is_superuser"} {
			switch db.DriverName() {
			case "mysql":
				db.MustExec("ALTER TABLE members MODIFY " + column + " bool NULL")
			case "pgx":
				db.MustExec("ALTER TABLE members ALTER COLUMN " + column + " DROP NOT NULL")
			}
			db.MustExec("UPDATE members SET " + column + " = NULL")
		}
		want := ann
		want.IsActive, want.IsStaff, want.IsSuperuser = false, false, false
		same(t, byID(t, open(t, db, usertable.WithTable("members")), "1"), want)
	})
}

// TestOddFlag: what is neither true nor false lets nobody in, and says where it is.
func TestOddFlag(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		if db.DriverName() == "pgx" {
			return // its type holds nothing else
		}
		db.MustExec("UPDATE auth_user SET is_active = 2 WHERE id = 1")
		users := open(t, db)
		if u, err := users.ByID(t.Context(), "1"); err == nil || u.IsAuthenticated() || !strings.Contains(err.Error(), "is_active") {
			t.Errorf("by id: %v, %v", u, err)
		}
		if u, err := users.ByUsername(t.Context(), "ann"); err == nil || u.IsAuthenticated() {
			t.Errorf("by username: %v, %v", u, err)
		}
	})
}

// TestNullPassword: Django makes the session's hash of such a user from "None".
func TestNullPassword(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		db.MustExec("CREATE TABLE members AS SELECT * FROM auth_user")
		switch db.DriverName() {
		case "mysql":
			db.MustExec("ALTER TABLE members MODIFY password varchar(128) NULL")
		case "pgx":
			db.MustExec("ALTER TABLE members ALTER COLUMN password DROP NOT NULL")
		}
		db.MustExec("UPDATE members SET password = NULL WHERE id = 1")
		users := open(t, db, usertable.WithTable("members"))
		want := ann
		want.Password = "None"
		same(t, byID(t, users, "1"), want)
		got, err := users.ByUsername(t.Context(), "ann")
		if err != nil {
			t.Fatal(err)
		}
		same(t, got, want)
		same(t, byID(t, users, "22"), ben)
		h, err := hashers.New(hashers.Options{PasswordHashers: []string{"md5"}, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		for _, password := range []string{"", "None"} {
			if result, err := h.Check(t.Context(), password, got.Password); result.OK || err != nil {
				t.Errorf("the password %q: %+v, %v", password, result, err)
			}
		}
	})
}

// TestOddLastLogin: what SQLite holds although Django did not write it there is no
// reason to turn the user away.
func TestOddLastLogin(t *testing.T) {
	db := connect(t, withUsers(t, testenv.SQLiteVendor))
	users := open(t, db)
	for _, odd := range []any{"", "garbage", "2024-01-01", "2024-01-01T10:00:00Z", "2024-01-01 10:00:00+00:00", "2024-01-01 10:00",
		"2024-13-01 10:00:00", "0000-00-00 00:00:00", 5, 2460310.5, []byte{0xff, 0}} {
		db.MustExec("UPDATE auth_user SET last_login = ? WHERE id = 22", odd)
		same(t, byID(t, users, "22"), ben)
		got, err := users.ByUsername(t.Context(), "ben")
		if err != nil {
			t.Errorf("%v: %v", odd, err)
		}
		same(t, got, ben)
	}
}

// TestInfiniteLastLogin is a time of PostgreSQL's only.
func TestInfiniteLastLogin(t *testing.T) {
	db := connect(t, withUsers(t, testenv.PostgreSQLVendor))
	db.MustExec("UPDATE auth_user SET last_login = 'infinity' WHERE id = 22")
	same(t, byID(t, open(t, db), "22"), ben)
}

func TestOpenRefuses(t *testing.T) {
	sqlite := usertable.WithDialect(dbstore.SQLite)
	columns := func(change func(*usertable.Columns)) usertable.Option {
		c := usertable.DefaultColumns()
		change(&c)
		return usertable.WithColumns(c)
	}
	for want, c := range map[string]struct {
		change func(*django.Settings)
		opts   []usertable.Option
	}{
		"":                 {nil, []usertable.Option{sqlite}},
		"WithDialect":      {nil, nil},
		"WithTable":        {nil, []usertable.Option{sqlite, usertable.WithTable("")}},
		"WithModel":        {nil, []usertable.Option{sqlite, usertable.WithModel("")}},
		"name ID":          {nil, []usertable.Option{sqlite, columns(func(c *usertable.Columns) { c.ID = "" })}},
		"Username and":     {nil, []usertable.Option{sqlite, columns(func(c *usertable.Columns) { c.Username = "" })}},
		"and Password":     {nil, []usertable.Option{sqlite, columns(func(c *usertable.Columns) { c.Password = "" })}},
		"WithExtraColumns": {nil, []usertable.Option{sqlite, usertable.WithExtraColumns("phone", "")}},

		"WithKey":      {nil, []usertable.Option{sqlite, usertable.WithKey(7)}},
		"USE_TZ":       {func(s *django.Settings) { s.UseTZ = nil }, []usertable.Option{sqlite}},
		"WithTimeZone": {nil, []usertable.Option{sqlite, usertable.WithTimeZone("Mars/Base")}},
		// LoadLocation takes these two for UTC and for the machine's own zone; django.New refuses them.
		"TIME_ZONE must be set": {func(s *django.Settings) { s.UseTZ, s.TimeZone = new(false), "" }, []usertable.Option{sqlite}},
		`TIME_ZONE "Local"`:     {func(s *django.Settings) { s.UseTZ, s.TimeZone = new(false), "Local" }, []usertable.Option{sqlite}},
		`TIME_ZONE "Mars/Base"`: {func(s *django.Settings) { s.UseTZ, s.TimeZone = new(false), "Mars/Base" }, []usertable.Option{sqlite}},
		`WithTimeZone: "Local"`: {nil, []usertable.Option{sqlite, usertable.WithTimeZone("Local")}},
	} {
		set := settings()
		if c.change != nil {
			c.change(&set)
		}
		ss, err := django.New(set, memstore.New())
		if err == nil {
			_, err = usertable.Open(nil, ss, c.opts...)
		}
		if want == "" {
			if err != nil {
				t.Error(err)
			}
		} else if err == nil || !strings.HasPrefix(err.Error(), "usertable: ") && !strings.HasPrefix(err.Error(), "django: setting TIME_ZONE") || !strings.Contains(err.Error(), want) {
			t.Errorf("Open: %v, want an error about %q", err, want)
		}
	}
	if _, err := usertable.Open(nil, nil, usertable.WithDialect(dbstore.PostgreSQL)); err == nil || !strings.Contains(err.Error(), "needs the sessions") {
		t.Errorf("without sessions: %v", err)
	}
	set := settings()
	set.UseTZ = nil
	if _, err := usertable.Open(nil, sessions(t, set), usertable.WithDialect(dbstore.PostgreSQL)); err != nil {
		t.Errorf("PostgreSQL's times know their zone: %v", err)
	}
}
