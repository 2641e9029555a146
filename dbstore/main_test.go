package dbstore_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

var servers testenv.Servers

func TestMain(m *testing.M) { servers.Main(m) }

// everywhere runs a test on each database, with the table in it.
func everywhere(t *testing.T, test func(t *testing.T, db *sqlx.DB)) {
	for name, vendor := range testenv.Vendors {
		t.Run(name, func(t *testing.T) { test(t, connect(t, withTable(t, vendor))) })
	}
}

func withTable(t testing.TB, vendor testenv.Vendor) *testenv.Database {
	t.Helper()
	d := servers.New(t, vendor)
	d.CreateSessionTable(t)
	return d
}

func execute(t testing.TB, d *testenv.Database, statements string) {
	t.Helper()
	db := connect(t, d)
	for statement := range strings.SplitSeq(statements, ";") {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
}

func connect(t testing.TB, d *testenv.Database, parameters ...string) *sqlx.DB {
	t.Helper()
	return sqlx.NewDb(d.Connect(t, parameters...), d.Driver())
}

func settings() django.Settings {
	set := django.DefaultSettings()
	set.SecretKey = "the secret of these tests"
	set.UseTZ = new(true)
	return set
}

func newSessions(t testing.TB, db dbstore.DB, opts ...dbstore.Option) *django.Sessions {
	t.Helper()
	ss, err := django.New(settings(), dbstore.New(db, opts...))
	if err != nil {
		t.Fatal(err)
	}
	return ss
}

// saved makes a stored session with some data.
func saved(t testing.TB, ss *django.Sessions) *django.Session {
	t.Helper()
	s := ss.NewSession()
	set(t, s, "a", 1)
	save(t, s)
	return s
}

func set(t testing.TB, s *django.Session, key string, v any) {
	t.Helper()
	if err := s.Set(key, v); err != nil {
		t.Fatal(err)
	}
}

func save(t testing.TB, s *django.Session) {
	t.Helper()
	if err := s.Save(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func load(t testing.TB, ss interface {
	Load(context.Context, string) (*django.Session, error)
}, key string) *django.Session {
	t.Helper()
	s, err := ss.Load(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// keys are a session's keys in their order, as one text.
func keys(s *django.Session) string {
	var all []string
	for k := range s.Keys() {
		all = append(all, k)
	}
	return strings.Join(all, " ")
}
