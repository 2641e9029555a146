package compat

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// oldest is the oldest Django that is supported.
const oldest = "2.2"

const secret = "the secret that both sides share"

// database is a column of the README's table.
type database struct {
	name    string
	vendor  testenv.Vendor
	version string // a query
	beside  string // the name of a server that runs beside the system, or "" for the system's
}

var databases = append([]database{
	{"SQLite", testenv.SQLiteVendor, "SELECT sqlite_version()", ""},
	{"PostgreSQL", testenv.PostgreSQLVendor, "SHOW server_version", ""},
	{"MariaDB", testenv.MySQLVendor, "SELECT VERSION()", ""},
	{"MySQL", testenv.MySQLVendor, "SELECT VERSION()", "mysql"},
}, inFull(
	database{"PostgreSQL, oldest", testenv.PostgreSQLVendor, "SHOW server_version", "postgresql-10"},
	database{"PostgreSQL, newest", testenv.PostgreSQLVendor, "SHOW server_version", "postgresql-18"},
	database{"MariaDB, newer", testenv.MySQLVendor, "SELECT VERSION()", "mariadb-11"},
)...)

// new returns an empty database for one test.
func (d database) new(t *testing.T) *testenv.Database {
	t.Helper()
	if d.beside != "" {
		return servers.Beside(t, d.beside).NewDatabase(t)
	}
	return servers.New(t, d.vendor)
}

// newFor is new, but skips the test if the server is too old for a Django, which some are in full.
func (d database) newFor(t *testing.T, version testenv.Django) *testenv.Database {
	t.Helper()
	if full && d.beside != "" {
		if reason := needs(t, version, d.new(t)); reason != "" {
			t.Skip(reason)
		}
	}
	return d.new(t)
}

// cell is a live Django and Go on one database.
type cell struct {
	django   testenv.Django
	database *testenv.Database
	db       *sqlx.DB
	worker   *testenv.Worker
	sessions *django.Sessions
	written  []testenv.RandomSession // by Django
	count    int                     // sessions that both sides agreed on
	newest   bool                    // of all Djangos
	inner    bool                    // neither the oldest Django nor the newest
	column   database                // of the matrix
}

// TestMatrix runs the checks for every Django on every database; see [full].
func TestMatrix(t *testing.T) {
	for _, version := range testenv.Djangos(t) {
		for _, d := range databases {
			t.Run(version.Name+"/"+d.name, func(t *testing.T) {
				t.Parallel()
				one := result{Django: version.Version, Python: version.PythonVersion, Database: d.name, Full: full, Outcome: cmp.Or(version.Missing, testenv.LeftOut(d.beside))}
				var c *cell
				t.Cleanup(func() {
					if c != nil {
						one.Sessions, one.Outcome = c.count, verdict(t)
					}
					outcome.add(one)
				})
				database := d.new(t)
				if d.beside != "" && full {
					if one.Outcome = needs(t, version, database); one.Outcome != "" {
						t.Skip(one.Outcome)
					}
				}
				c = newCell(t, version, database, nil, nil)
				c.column = d
				if err := c.db.Get(&one.Version, d.version); err != nil {
					t.Fatal(err)
				}
				checkSessions(t, c)
				t.Run("custom model", func(t *testing.T) { customModel(t, c) })
				if c.inScope(formsOn) {
					t.Run("forms", func(t *testing.T) { forms(t, c) })
				}
				if c.inScope(loginsOn) {
					t.Run("logins", func(t *testing.T) { logins(t, c) })
				}
			})
		}
	}
}

// needs returns what a Django needs in place of a database that is too old for it, such as
// "needs PostgreSQL 14", or "".
func needs(t *testing.T, version testenv.Django, database *testenv.Database) string {
	t.Helper()
	worker := version.Start(t, testenv.Config{Database: database})
	err := worker.Call("migrate", testenv.Args{"app": "sessions"}, nil)
	if err == nil {
		return ""
	}
	found := regexp.MustCompile(`(\w+ [0-9.]+) or later is required`).FindStringSubmatch(err.Error())
	if found == nil {
		t.Fatal(err)
	}
	return "needs " + found[1]
}

// ignoresNUL reports whether the database finds "Ann" for "Ann\x00", as MySQL's usual collation
// does. Django then does, too, and Go never.
func (c *cell) ignoresNUL() bool { return c.column.name == "MySQL" }

func isNewest(t *testing.T, version testenv.Django) bool {
	return version.Name == testenv.NewestDjango(t).Name
}

func isInner(t *testing.T, version testenv.Django) bool {
	return version.Name != oldest && !isNewest(t, version)
}

// newCell starts a Django on a database, which it migrates, and opens Go's sessions on it
// with the same settings. extra changes Django's settings, change Go's.
func newCell(t *testing.T, version testenv.Django, database *testenv.Database, extra map[string]any, change func(*django.Settings)) *cell {
	t.Helper()
	config := testenv.Config{Database: database, Settings: map[string]any{"SECRET_KEY": secret, "USE_TZ": true, "TIME_ZONE": "UTC"}}
	maps.Copy(config.Settings, extra)
	return openCell(t, version, config, change)
}

func openCell(t *testing.T, version testenv.Django, config testenv.Config, change func(*django.Settings)) *cell {
	t.Helper()
	c := &cell{django: version, database: config.Database, newest: isNewest(t, version), inner: isInner(t, version)}
	c.worker = version.Start(t, config)
	testenv.Tell(t, c.worker, "migrate", testenv.Args{"app": "sessions"})
	var parameters []string
	if config.Database.Vendor == testenv.SQLiteVendor {
		parameters = []string{"_pragma=synchronous(off)"} // the data need not outlive the test
	}
	c.db = sqlx.NewDb(config.Database.Connect(t, parameters...), config.Database.Driver())
	c.sessions = openSessions(t, c, change)
	return c
}

func openSessions(t *testing.T, c *cell, change func(*django.Settings), opts ...dbstore.Option) *django.Sessions {
	t.Helper()
	set := django.DefaultSettings()
	set.SecretKey, set.DjangoVersion = secret, c.django.Name
	set.UseTZ, set.TimeZone = &c.worker.UseTZ, c.worker.TimeZone
	if change != nil {
		change(&set)
	}
	ss, err := django.New(set, dbstore.New(c.db, opts...))
	if err != nil {
		t.Fatal(err)
	}
	return ss
}

// load loads a session in Go.
func (c *cell) load(t *testing.T, key string) *django.Session {
	t.Helper()
	s, err := c.sessions.Load(t.Context(), key)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return s
}

func save(t *testing.T, s *django.Session) {
	t.Helper()
	if err := s.Save(t.Context()); err != nil {
		t.Fatalf("Save: %v", err)
	}
}

func set(t *testing.T, s *django.Session, key string, v any) {
	t.Helper()
	if err := s.Set(key, v); err != nil {
		t.Fatalf("Set: %v", err)
	}
}

// judge returns how Django reads a session.
func (c *cell) judge(t *testing.T, key string) testenv.Loaded {
	t.Helper()
	return testenv.Ask[testenv.Loaded](t, c.worker, "load", testenv.Args{"session_key": key})
}

// seed differs between cells, and is the same in every run.
func (c *cell) seed() int {
	n := 0
	for _, r := range fmt.Sprint(c.django.Name, c.database.Vendor) {
		n = n*31 + int(r)
	}
	return n & 0xfffffff
}

// checkSessions runs the checks of sessions that every database passes.
func checkSessions(t *testing.T, c *cell) {
	for _, check := range []struct {
		name string
		run  func(*testing.T, *cell)
	}{
		{"Django writes, Go reads", djangoWrites},
		{"Go changes one key", goChangesOneKey},
		{"Go creates", goCreates},
		{"both write at once", bothWrite},
		{"logout on either side", logout},
		{"key cycled on either side", cycleKey},
		{"clearsessions", clearSessions},
		{"expiry", expiry},
		{"locked session", locked},
	} {
		t.Run(check.name, func(t *testing.T) { check.run(t, c) })
	}
}
