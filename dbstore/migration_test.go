package dbstore_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// TestMigrationUnderLoad: the table's columns change their types five times while requests load and
// save sessions, in each of pgx's modes; no request fails.
func TestMigrationUnderLoad(t *testing.T) {
	for _, mode := range []string{"cache_statement", "cache_describe", "describe_exec", "exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) {
			d := withTable(t, testenv.PostgreSQLVendor)
			db, direct := connect(t, d, "default_query_exec_mode="+mode), connect(t, d)
			const visitors = 8
			db.SetMaxOpenConns(visitors)
			warm(t, db, visitors)
			ss := quiet(t, db)
			var sessions [visitors]string
			for i := range sessions {
				sessions[i] = having(t, ss, "n", 0).Key()
			}
			ctx, cancel := context.WithCancel(t.Context())
			var answered, failed atomic.Int64
			var all sync.WaitGroup
			for _, key := range sessions {
				all.Go(func() {
					for ctx.Err() == nil {
						res := visit(t, ss, key, incrementing(ss))
						if answered.Add(1); res.StatusCode != http.StatusOK {
							failed.Add(1)
						}
					}
				})
			}
			for i := range 5 {
				before := answered.Load()
				eventually(t, "requests between two changes", func() bool { return answered.Load() > before+4*visitors })
				direct.MustExec(fmt.Sprintf("ALTER TABLE django_session ALTER session_data TYPE %s, ALTER session_key TYPE varchar(%d)", []string{"varchar(9000)", "text"}[i%2], 50+i))
			}
			before := answered.Load()
			eventually(t, "requests after the last change", func() bool { return answered.Load() > before+4*visitors })
			cancel()
			all.Wait()
			if n := failed.Load(); n > 0 {
				t.Errorf("%d of %d requests failed", n, answered.Load())
			}
		})
	}
}

func incrementing(ss *django.Sessions) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, err := ss.Get(r)
		if err != nil {
			return
		}
		n, err := django.Value(s, "n", 0)
		if err == nil {
			err = s.Set("n", n+1)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusTeapot)
		}
	}
}

// TestDeallocated: statements that the server has dropped behind the pool's back are
// prepared anew, to read and to write.
func TestDeallocated(t *testing.T) {
	d := withTable(t, testenv.PostgreSQLVendor)
	db := connect(t, d)
	ss := newSessions(t, db)
	s := saved(t, ss)
	for range 3 {
		set(t, s, "b", 1)
		save(t, s)
		load(t, ss, s.Key())
		s.MarkModified()
		save(t, s)
		deallocate(t, db)
		load(t, ss, s.Key())
		deallocate(t, db)
		set(t, s, "b", 2)
		save(t, s)
		deallocate(t, db)
		s.CycleKey()
		save(t, s)
		deallocate(t, db)
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Error(err)
	}
}

func deallocate(t *testing.T, db *sqlx.DB) {
	t.Helper()
	if _, err := db.Exec("DEALLOCATE ALL"); err != nil {
		t.Fatal(err)
	}
}

// TestTooManyConnections: a server that takes no more connections is waited for.
func TestTooManyConnections(t *testing.T) {
	for name, c := range map[string]struct {
		vendor testenv.Vendor
		user   []string // how to make one who may have a single connection
		state  string
	}{
		"PostgreSQL": {testenv.PostgreSQLVendor, []string{
			"CREATE ROLE lonely LOGIN PASSWORD 'lonely' CONNECTION LIMIT 1", "GRANT ALL ON django_session TO lonely",
		}, "53300"},
		"MariaDB": {testenv.MySQLVendor, []string{
			"CREATE USER lonely IDENTIFIED BY 'lonely' WITH MAX_USER_CONNECTIONS 1", "GRANT ALL ON django_session TO lonely",
		}, "1226"},
	} {
		t.Run(name, func(t *testing.T) {
			d := withTable(t, c.vendor)
			direct := connect(t, d)
			for _, statement := range c.user {
				direct.MustExec(statement)
			}
			t.Cleanup(func() {
				if c.vendor == testenv.PostgreSQLVendor {
					direct.MustExec("DROP OWNED BY lonely")
				}
				direct.MustExec(map[testenv.Vendor]string{testenv.PostgreSQLVendor: "DROP ROLE lonely", testenv.MySQLVendor: "DROP USER lonely"}[c.vendor])
			})
			key := having(t, quiet(t, direct), "a", 1).Key()
			others, mine := connectAs(t, d, "lonely"), connectAs(t, d, "lonely")
			conn, err := others.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			refused := &refusals{text: c.state}
			ss := refused.sessions(t, mine)
			loaded := make(chan error, 1)
			go func() {
				s, err := ss.Load(t.Context(), key)
				if err == nil && s.Len() != 1 {
					err = errors.New("the session is empty")
				}
				loaded <- err
			}()
			eventually(t, "a refusal", func() bool { return refused.n.Load() > 0 })
			if err := errors.Join(conn.Close(), others.Close()); err != nil {
				t.Error(err)
			}
			if err := <-loaded; err != nil {
				t.Error(err)
			}
			_ = mine.Close()
		})
	}
}

// connectAs opens the database as another user, whose password is the name.
func connectAs(t testing.TB, d *testenv.Database, user string) *sqlx.DB {
	t.Helper()
	u, err := url.Parse(d.URL())
	if err != nil {
		t.Fatal(err)
	}
	dsn := user + ":" + user + "@tcp(" + u.Host + ")" + u.Path
	if d.Vendor == testenv.PostgreSQLVendor {
		u.User = url.UserPassword(user, user)
		dsn = u.String() + "?sslmode=disable"
	}
	db, err := sqlx.Open(d.Driver(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
