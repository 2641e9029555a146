package dbstore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/testenv"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// TestExpireDate looks at what stands in the column: for SQLite and MySQL a
// naive time in the zone that Django would use.
func TestExpireDate(t *testing.T) {
	expires := time.Date(2030, 7, 1, 12, 0, 0, 250_000_999, time.UTC)
	for _, c := range []struct {
		name     string
		useTZ    bool
		timeZone string
		opts     []dbstore.Option
		want     string
	}{
		{"USE_TZ", true, "", nil, "2030-07-01 12:00:00.250000"},
		{"USE_TZ with a TIME_ZONE", true, "Europe/Berlin", nil, "2030-07-01 12:00:00.250000"},
		{"USE_TZ with the database's TIME_ZONE", true, "", []dbstore.Option{dbstore.WithTimeZone("Asia/Kolkata")}, "2030-07-01 17:30:00.250000"},
		{"no USE_TZ", false, "America/Chicago", nil, "2030-07-01 07:00:00.250000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, db *sqlx.DB) {
				set := settings()
				set.UseTZ, set.TimeZone = &c.useTZ, c.timeZone
				ss, err := django.New(set, dbstore.New(db, c.opts...))
				if err != nil {
					t.Fatal(err)
				}
				rec, err := ss.Store().Create(t.Context(), django.Write{Key: strings.Repeat("k", 32), Data: new(serializer.Dict), Expires: expires})
				if err != nil {
					t.Fatal(err)
				}
				column, want := "CAST(expire_date AS CHAR(40))", c.want
				if db.DriverName() == "pgx" {
					column, want = "CAST(expire_date AT TIME ZONE 'UTC' AS text)", "2030-07-01 12:00:00.25"
				}
				var got string
				if err := db.Get(&got, "SELECT "+column+" FROM django_session"); err != nil {
					t.Fatal(err)
				}
				if got != want {
					t.Errorf("expire_date is %q, want %q", got, want)
				}
				expires := expires.Truncate(time.Microsecond)
				for row, err := range ss.Store().(*dbstore.Store).List(t.Context(), django.Filter{Now: expires.Add(-time.Hour)}) {
					if err != nil || !row.Expires.Equal(expires) || row.Key != rec.Key {
						t.Errorf("List: %v, %v", row.Expires, err)
					}
				}
				for _, edge := range []struct {
					now  time.Time
					live bool
				}{{expires.Add(-time.Microsecond), true}, {expires, false}} {
					_, err := ss.Store().Load(t.Context(), rec.Key, edge.now)
					if live := err == nil; live != edge.live {
						t.Errorf("Load at %v: %v", edge.now, err)
					}
				}
			})
		})
	}
}

// TestSQLiteWholeSecond: Django writes no fraction when it is 0, and compares
// text.
func TestSQLiteWholeSecond(t *testing.T) {
	db := connect(t, withTable(t, testenv.SQLiteVendor))
	ss := newSessions(t, db)
	expires := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	if _, err := ss.Store().Create(t.Context(), django.Write{Key: strings.Repeat("k", 32), Data: new(serializer.Dict), Expires: expires}); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := db.Get(&got, "SELECT CAST(expire_date AS text) FROM django_session"); err != nil {
		t.Fatal(err)
	}
	if want := "2030-01-02 03:04:05"; got != want {
		t.Errorf("expire_date is %q, want %q", got, want)
	}
}

// TestTimeMustBeSaid: Django's own default changed, so nothing is guessed.
func TestTimeMustBeSaid(t *testing.T) {
	for name, c := range map[string]struct {
		dialect dbstore.Dialect
		change  func(*django.Settings)
		opts    []dbstore.Option
		want    string
	}{
		"SQLite":     {dbstore.SQLite, func(s *django.Settings) { s.UseTZ = nil }, nil, "USE_TZ"},
		"MySQL":      {dbstore.MySQL, func(s *django.Settings) { s.UseTZ = nil }, nil, "USE_TZ"},
		"PostgreSQL": {dbstore.PostgreSQL, func(s *django.Settings) { s.UseTZ = nil }, nil, ""},
		"no zone":    {dbstore.SQLite, func(s *django.Settings) { s.UseTZ = new(false) }, nil, "TIME_ZONE"},
		"two zones": {dbstore.SQLite, func(s *django.Settings) { s.UseTZ, s.TimeZone = new(false), "UTC" },
			[]dbstore.Option{dbstore.WithTimeZone("UTC")}, "WithTimeZone"},
		"unknown zone": {dbstore.MySQL, func(*django.Settings) {}, []dbstore.Option{dbstore.WithTimeZone("Mars/Base")}, "Mars/Base"},
	} {
		t.Run(name, func(t *testing.T) {
			set := settings()
			c.change(&set)
			_, err := django.New(set, dbstore.New(nil, append(c.opts, dbstore.WithDialect(c.dialect))...))
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("New: %v, want an error about %q", err, c.want)
			}
		})
	}
}

// TestWholeSeconds: a column that keeps no fraction, as old sites have it, is no
// reason to take a touch within the same second for a conflict.
func TestWholeSeconds(t *testing.T) {
	for _, p := range []string{"clientFoundRows=false", "clientFoundRows=true"} {
		t.Run(p, func(t *testing.T) {
			d := withTable(t, testenv.MySQLVendor)
			db := connect(t, d, p)
			db.MustExec("ALTER TABLE django_session MODIFY expire_date datetime NOT NULL")
			ss := newSessions(t, db)
			s := saved(t, ss)
			for i := range 20 {
				s.MarkModified()
				if err := s.Save(t.Context()); err != nil {
					t.Fatalf("touch %d: %v", i, err)
				}
			}
		})
	}
}
