package usertable_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/internal/testenv"
)

func TestSetPassword(t *testing.T) {
	everywhere(t, setsPasswords)
}

func setsPasswords(t *testing.T, db *sqlx.DB) {
	users := open(t, db)
	for _, c := range []struct {
		name, id, old, encoded string
		done                   bool
	}{
		{"whatever was there", "1", "", "a$1", true},
		{"the same once more", "1", "", "a$1", true},
		{"old is right", "1", "a$1", "a$2", true},
		{"old is wrong", "1", "a$1", "a$3", false},
		{"old in another case", "1", "A$2", "a$3", false},
		{"old with a space", "1", "a$2 ", "a$3", false},
		{"right, and the same", "1", "a$2", "a$2", true},
		{"wrong, and the same", "1", "a$1", "a$1", false},
		{"in another case only", "1", "a$2", "A$2", true},
		{"that is not the same", "1", "a$2", "a$2", false},
		{"nobody", "2", "", "a$3", false},
		{"nobody's old", "2", "a$2", "a$3", false},
		{"too large for the column", "2147483648", "", "a$3", false},
		{"unusable", "1", "A$2", "!x", true},
	} {
		before := byID(t, users, "1").Password
		done, err := users.SetPassword(t.Context(), c.id, c.old, c.encoded)
		if done != c.done || err != nil {
			t.Errorf("%s: %t, %v", c.name, done, err)
		}
		want := before
		if c.done {
			want = c.encoded
		}
		if got := byID(t, users, "1").Password; got != want {
			t.Errorf("%s: %q is stored, want %q", c.name, got, want)
		}
	}
	same(t, byID(t, users, "22"), ben)
}

// TestSetPasswordRace: of several that compare with one old password, one wins.
func TestSetPasswordRace(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		users := open(t, db)
		var won atomic.Int32
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				done, err := users.SetPassword(t.Context(), ann.ID, ann.Password, strings.Repeat("x", i+1))
				if err != nil {
					t.Error(err)
				}
				if done {
					won.Add(1)
				}
			})
		}
		all.Wait()
		if n := won.Load(); n != 1 {
			t.Errorf("%d have set the password", n)
		}
	})
}

// TestLongPassword: half a hash would lock the user out.
func TestLongPassword(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		if db.DriverName() == "mysql" {
			db.SetMaxOpenConns(1)
			db.MustExec("SET sql_mode = ''") // as a server that cuts off
		}
		users := open(t, db)
		for _, n := range []int{128, 129} {
			encoded := strings.Repeat("x", n)
			done, err := users.SetPassword(t.Context(), "1", "", encoded)
			fits := n <= 128 || db.DriverName() == "sqlite"
			if done != fits || (err == nil) != fits {
				t.Errorf("%d characters: %t, %v", n, done, err)
			}
			if err != nil && strings.Contains(err.Error(), encoded) {
				t.Error("the error quotes the password")
			}
			if got := byID(t, users, "1").Password; len(got) != n && fits || len(got) != 128 && !fits {
				t.Errorf("%d characters: %d are stored", n, len(got))
			}
		}
	})
}

// TestSetLastLogin looks at what stands in the column: for SQLite and MySQL a
// naive time in the zone that Django would use.
func TestSetLastLogin(t *testing.T) {
	at := time.Date(2030, 7, 1, 12, 0, 0, 250_000_999, time.UTC)
	type zones struct {
		name     string
		useTZ    bool
		timeZone string
		opts     []usertable.Option
		want     string
	}
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		for _, c := range []zones{
			{"USE_TZ", true, "Europe/Berlin", nil, "2030-07-01 12:00:00.250000"},
			{"USE_TZ with the database's TIME_ZONE", true, "", []usertable.Option{usertable.WithTimeZone("Asia/Kolkata")}, "2030-07-01 17:30:00.250000"},
			{"no USE_TZ", false, "America/Chicago", nil, "2030-07-01 07:00:00.250000"},
		} {
			t.Run(c.name, func(t *testing.T) {
				set := settings()
				set.UseTZ, set.TimeZone = &c.useTZ, c.timeZone
				users, err := usertable.Open(db, sessions(t, set), c.opts...)
				if err != nil {
					t.Fatal(err)
				}
				for range 2 { // MySQL takes the second for no change
					if err := users.SetLastLogin(t.Context(), "22", at); err != nil {
						t.Fatal(err)
					}
				}
				column, want := "CAST(last_login AS CHAR(40))", c.want
				if db.DriverName() == "pgx" {
					column, want = "CAST(last_login AT TIME ZONE 'UTC' AS text)", "2030-07-01 12:00:00.25"
				}
				var got string
				if err := db.Get(&got, "SELECT "+column+" FROM auth_user WHERE id = 22"); err != nil {
					t.Fatal(err)
				}
				if got != want {
					t.Errorf("last_login is %q, want %q", got, want)
				}
				u := ben
				u.LastLogin = at.Truncate(time.Microsecond)
				same(t, byID(t, users, "22"), u)
				if err := users.SetLastLogin(t.Context(), "2", at); !errors.Is(err, auth.ErrNoUser) {
					t.Errorf("SetLastLogin of nobody: %v", err)
				}
			})
		}
	})
}

// TestZeroDate is how an old MySQL says that there was no login.
func TestZeroDate(t *testing.T) {
	for _, parameters := range []string{"parseTime=false", "parseTime=true", "interpolateParams=true"} {
		db := connect(t, withUsers(t, testenv.MySQLVendor), parameters)
		db.SetMaxOpenConns(1)
		db.MustExec("SET sql_mode = ''")
		db.MustExec("UPDATE auth_user SET last_login = '0000-00-00 00:00:00' WHERE id = 22")
		same(t, byID(t, open(t, db), "22"), ben)
	}
}
