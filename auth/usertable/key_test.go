package usertable_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/internal/testenv"
)

// uuidColumns are what a UUIDField may be.
var uuidColumns = []struct {
	name, column string
	vendor       testenv.Vendor
	parameters   []string // DSNs to try
}{
	{"SQLite", "char(32)", testenv.SQLiteVendor, []string{""}},
	{"PostgreSQL", "uuid", testenv.PostgreSQLVendor, execModes},
	{"MariaDB", "char(32)", testenv.MySQLVendor, []string{"", "interpolateParams=true"}},
	{"MariaDB with Django 5", "uuid", testenv.MySQLVendor, []string{"", "interpolateParams=true"}},
}

const (
	uuidAnn = "5f0c1d9e-98ab-4cde-8f01-23456789abcd"
	uuidBen = "5f0c1d9e-98ab-4cde-8f01-23456789abce"
)

// withUUIDs returns a database with a custom user model, and ann and ben in it.
func withUUIDs(t testing.TB, vendor testenv.Vendor, column string) *testenv.Database {
	t.Helper()
	if vendor == testenv.MySQLVendor && column == "uuid" && testenv.Instead("mysql") {
		t.Skip("MySQL has no type uuid")
	}
	d := servers.New(t, vendor)
	key := func(id string) string {
		if column == "uuid" {
			return id
		}
		return strings.ReplaceAll(id, "-", "")
	}
	execute(t, d, "CREATE TABLE accounts_member (number "+column+" NOT NULL PRIMARY KEY, email varchar(254) NOT NULL UNIQUE,"+
		" password varchar(128) NOT NULL, last_login {DATETIME} NULL, is_superuser {BOOL} NOT NULL)")
	withPermissions(t, d, "accounts_member", "member", column)
	execute(t, d, `INSERT INTO accounts_member (number, email, password, is_superuser)
		VALUES ('`+key(uuidAnn)+`', 'ann@example.com', 'hash of ann', true), ('`+key(uuidBen)+`', 'ben@example.com', 'hash of ben', false);
		INSERT INTO accounts_member_user_permissions (member_id, permission_id) VALUES ('`+key(uuidBen)+`', 1);
		INSERT INTO accounts_member_groups (member_id, group_id) VALUES ('`+key(uuidBen)+`', 1)`)
	return d
}

var memberOptions = []usertable.Option{
	usertable.WithTable("accounts_member"), usertable.WithModel("member"), usertable.WithKey(usertable.UUID),
	usertable.WithColumns(usertable.Columns{ID: "number", Username: "email", Password: "password", LastLogin: "last_login", IsSuperuser: "is_superuser"}),
}

func TestUUID(t *testing.T) {
	for _, c := range uuidColumns {
		t.Run(c.name, func(t *testing.T) {
			d := withUUIDs(t, c.vendor, c.column)
			for _, p := range c.parameters {
				t.Run(p, func(t *testing.T) {
					db := connect(t, d, p)
					// On MySQL a *sqlx.DB has its statements prepared, and this has not.
					users := open(t, &testenv.Counting{DB: db}, append(memberOptions, usertable.WithDialect(dialects[db.DriverName()]))...)
					if p == "" {
						users = open(t, db, memberOptions...)
					}
					want := auth.User{ID: uuidBen, Username: "ben@example.com", Password: "hash of ben", IsActive: true}
					same(t, byID(t, users, uuidBen), want)
					got, err := users.ByUsername(t.Context(), want.Username)
					if err != nil {
						t.Fatal(err)
					}
					same(t, got, want)
					// The second is none that MariaDB's type holds.
					for _, id := range []string{"5f0c1d9e-98ab-4cde-8f01-23456789abcf", "fba9d881-64f3-e2d9-109e-e770223212a0",
						"ffffffff-ffff-ffff-ffff-ffffffffffff", "00000000-0000-0000-0000-000000000000"} {
						if _, err := users.ByID(t.Context(), id); !errors.Is(err, auth.ErrNoUser) {
							t.Errorf("ByID(%s): %v", id, err)
						}
						if done, err := users.SetPassword(t.Context(), id, "", "x"); done || err != nil {
							t.Errorf("SetPassword of %s: %t, %v", id, done, err)
						}
						if err := users.SetLastLogin(t.Context(), id, time.Now()); !errors.Is(err, auth.ErrNoUser) {
							t.Errorf("SetLastLogin of %s: %v", id, err)
						}
						if all, err := users.Permissions(t.Context(), id); len(all) > 0 || err != nil {
							t.Errorf("Permissions of %s: %q, %v", id, all, err)
						}
					}
					if done, err := users.SetPassword(t.Context(), uuidBen, "hash of ben", "other"); !done || err != nil {
						t.Errorf("SetPassword: %t, %v", done, err)
					}
					want.Password, want.LastLogin = "other", time.Date(2026, 5, 6, 7, 8, 9, 1000, time.UTC)
					if err := users.SetLastLogin(t.Context(), uuidBen, want.LastLogin); err != nil {
						t.Errorf("SetLastLogin: %v", err)
					}
					same(t, byID(t, users, uuidBen), want)
					all, err := users.Permissions(t.Context(), uuidBen)
					if err != nil || !slices.Equal(all, []string{"auth.can_é", "auth.view_user", "shop.add_order", "shop.view_order"}) {
						t.Errorf("Permissions: %q, %v", all, err)
					}
					execute(t, d, "UPDATE accounts_member SET password = 'hash of ben', last_login = NULL WHERE email = 'ben@example.com'")
				})
			}
		})
	}
}

// TestUUIDSpellings: only the canonical form is a key's.
func TestUUIDSpellings(t *testing.T) {
	db := connect(t, withUUIDs(t, testenv.SQLiteVendor, "char(32)"))
	users := open(t, db, memberOptions...)
	byID(t, users, uuidAnn)
	for _, id := range []string{strings.ToUpper(uuidAnn), strings.ReplaceAll(uuidAnn, "-", ""), "{" + uuidAnn + "}", " " + uuidAnn,
		uuidAnn[:35], uuidAnn + "0", strings.ReplaceAll(uuidAnn, "-", "_"), uuidAnn[:35] + "g", "1", ""} {
		if _, err := users.ByID(t.Context(), id); !errors.Is(err, auth.ErrNoUser) {
			t.Errorf("ByID(%q): %v", id, err)
		}
	}
	// In a table that another program writes, the column may hold other spellings.
	db.MustExec("UPDATE accounts_member SET number = ? WHERE email = 'ann@example.com'", strings.ToUpper(uuidAnn))
	u, err := users.ByUsername(t.Context(), "ann@example.com")
	if err != nil || u.ID != uuidAnn {
		t.Errorf("ByUsername: %q, %v", u.ID, err)
	}
}

// TestUUIDIndex: a key is found by the index, whatever the type of its column,
// with the very parameter that a query binds.
func TestUUIDIndex(t *testing.T) {
	for _, c := range uuidColumns {
		t.Run(c.name, func(t *testing.T) {
			d := withUUIDs(t, c.vendor, c.column)
			many := map[testenv.Vendor]string{
				testenv.SQLiteVendor: `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
					INSERT INTO accounts_member SELECT printf('%012x40008000%012x', i, i), i, '', NULL, false FROM n`,
				testenv.PostgreSQLVendor: `INSERT INTO accounts_member SELECT md5(i::text)::uuid, i, '', NULL, false FROM generate_series(1, 3000) i`,
				testenv.MySQLVendor: `INSERT INTO accounts_member WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
					SELECT CONCAT(LPAD(HEX(i), 12, '0'), '40008000', LPAD(HEX(i), 12, '0')), i, '', NULL, false FROM n`,
			}[c.vendor]
			db := connect(t, d)
			db.MustExec(many)
			statement, index := "EXPLAIN ", map[testenv.Vendor]string{
				testenv.SQLiteVendor:     "USING INDEX sqlite_autoindex_accounts_member_1 (number=?)",
				testenv.PostgreSQLVendor: "Index Scan using accounts_member_pkey",
				testenv.MySQLVendor:      "const PRIMARY",
			}[c.vendor]
			switch c.vendor {
			case testenv.SQLiteVendor:
				statement = "EXPLAIN QUERY PLAN "
			case testenv.MySQLVendor:
				statement = "EXPLAIN FORMAT=TRADITIONAL " // not the default of every MySQL
				fallthrough
			default:
				db.MustExec(map[string]string{"pgx": "ANALYZE accounts_member", "mysql": "ANALYZE TABLE accounts_member"}[db.DriverName()])
			}
			for _, p := range c.parameters {
				explained := &explaining{DB: connect(t, d, p), statement: statement}
				users := open(t, explained, append(memberOptions, usertable.WithDialect(dialects[db.DriverName()]))...)
				byID(t, users, uuidAnn)
				if explained.err != nil || !strings.Contains(explained.plan, index) {
					t.Errorf("%s: %v: the plan is %q, want %q", p, explained.err, explained.plan, index)
				}
			}
		})
	}
}

// TestTextKeys: a CharField as the key.
func TestTextKeys(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		db.MustExec("CREATE TABLE members (code varchar(40) NOT NULL PRIMARY KEY, username varchar(150) NOT NULL UNIQUE, password varchar(128) NOT NULL)")
		for _, code := range []string{"Bob", "1", "01", "it's", "\u00e9\U0001f600"} {
			db.MustExec(db.Rebind("INSERT INTO members VALUES (?, ?, 'hash')"), code, "name of "+code)
		}
		users := open(t, db, usertable.WithTable("members"), usertable.WithKey(usertable.Text),
			usertable.WithColumns(usertable.Columns{ID: "code", Username: "username", Password: "password"}))
		for _, code := range []string{"Bob", "1", "01", "it's", "\u00e9\U0001f600"} {
			same(t, byID(t, users, code), auth.User{ID: code, Username: "name of " + code, Password: "hash", IsActive: true})
			if done, err := users.SetPassword(t.Context(), code, "hash", "hash"); !done || err != nil {
				t.Errorf("SetPassword of %q: %t, %v", code, done, err)
			}
		}
		for _, code := range []string{"", "001", "Bo", "Bob\x00", "\xff", "\xed\xa0\x80", strings.Repeat("1", 1000)} {
			if _, err := users.ByID(t.Context(), code); !errors.Is(err, auth.ErrNoUser) {
				t.Errorf("ByID(%.20q): %v", code, err)
			}
		}
		// As the column compares; what it holds is the id.
		u, err := users.ByID(t.Context(), "bOB")
		if db.DriverName() == "mysql" && (err != nil || u.ID != "Bob") || db.DriverName() != "mysql" && !errors.Is(err, auth.ErrNoUser) {
			t.Errorf("ByID in another case: %q, %v", u.ID, err)
		}
	})
}

// TestWrongKeyType: a key that is not of the type that was said is an error where
// it shows, and nobody's login.
func TestWrongKeyType(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		_, err := open(t, db, usertable.WithKey(usertable.UUID)).ByUsername(t.Context(), "ann")
		if err == nil || !strings.Contains(err.Error(), "WithKey") {
			t.Errorf("ByUsername: %v", err)
		}
		if _, err := open(t, db, usertable.WithKey(usertable.UUID)).ByID(t.Context(), uuidAnn); err == nil {
			t.Error("ByID finds somebody")
		}
	})
}
