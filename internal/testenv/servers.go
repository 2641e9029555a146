package testenv

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
)

// Servers are servers that the tests of a package share. Each is started by the first
// test that asks for it. The zero value is ready; Main stops them at the end:
//
//	var servers testenv.Servers
//
//	func TestMain(m *testing.M) { servers.Main(m) }
type Servers struct {
	postgreSQL, mariaDB, pgBouncer, redis, memcached shared

	beside map[string]*shared
	mu     sync.Mutex
}

type shared struct {
	mu     sync.Mutex
	server *Server
	err    error
}

// get starts the server on the first call. The server outlives the test that asked
// first, and therefore that test's context.
func (s *shared) get(t testing.TB, start func(context.Context) (*Server, error)) *Server {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil && s.err == nil {
		s.server, s.err = start(context.WithoutCancel(t.Context()))
	}
	failOrSkip(t, s.err)
	return s.server
}

func (s *shared) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil {
		return nil
	}
	return s.server.Stop()
}

// PostgreSQL returns the shared PostgreSQL server.
func (s *Servers) PostgreSQL(t testing.TB) *Server {
	t.Helper()
	return s.postgreSQL.get(t, func(ctx context.Context) (*Server, error) { return StartPostgreSQL(ctx, "") })
}

// MariaDB returns the shared MariaDB server.
func (s *Servers) MariaDB(t testing.TB) *Server {
	t.Helper()
	return s.mariaDB.get(t, func(ctx context.Context) (*Server, error) { return StartMariaDB(ctx, "") })
}

// MySQL returns the shared MySQL server.
func (s *Servers) MySQL(t testing.TB) *Server {
	t.Helper()
	return s.Beside(t, "mysql")
}

// Beside returns a shared server that runs beside the system, by its name as [Beside] takes it.
func (s *Servers) Beside(t testing.TB, name string) *Server {
	t.Helper()
	s.mu.Lock()
	if s.beside == nil {
		s.beside = map[string]*shared{}
	}
	one := s.beside[name]
	if one == nil {
		one = new(shared)
		s.beside[name] = one
	}
	s.mu.Unlock()
	return one.get(t, func(ctx context.Context) (*Server, error) {
		if strings.HasPrefix(name, "postgresql-") {
			return StartPostgreSQL(ctx, "", Beside(name))
		}
		return StartMariaDB(ctx, "", Beside(name))
	})
}

// PgBouncer returns the shared PgBouncer, which leads to the shared PostgreSQL server.
func (s *Servers) PgBouncer(t testing.TB) *Server {
	t.Helper()
	pg := s.PostgreSQL(t)
	return s.pgBouncer.get(t, func(ctx context.Context) (*Server, error) { return StartPgBouncer(ctx, "", pg) })
}

// Redis returns the shared Redis server. Tests keep their keys apart by [NewKeyPrefix].
func (s *Servers) Redis(t testing.TB) *Server {
	t.Helper()
	return s.redis.get(t, func(ctx context.Context) (*Server, error) { return StartRedis(ctx, "") })
}

// Memcached returns the shared memcached server.
func (s *Servers) Memcached(t testing.TB) *Server {
	t.Helper()
	return s.memcached.get(t, func(ctx context.Context) (*Server, error) { return StartMemcached(ctx, "") })
}

// Stop ends the servers that were started.
func (s *Servers) Stop() error {
	var failed error
	for _, one := range s.beside {
		failed = errors.Join(failed, one.stop())
	}
	return errors.Join(failed, s.memcached.stop(), s.redis.stop(), s.pgBouncer.stop(), s.mariaDB.stop(), s.postgreSQL.stop())
}

// Main runs a package's tests, stops the servers, calls the functions in after, whatever
// came before, and exits: with the tests' status, or with 1 if something else failed.
func (s *Servers) Main(m *testing.M, after ...func() error) {
	code := m.Run()
	for _, end := range append([]func() error{s.Stop}, after...) {
		if err := end(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// New returns an empty database of a kind for one test: a file for SQLite, else a
// database on the shared server.
func (s *Servers) New(t testing.TB, vendor Vendor) *Database {
	t.Helper()
	switch vendor {
	case PostgreSQLVendor:
		return s.PostgreSQL(t).NewDatabase(t)
	case MySQLVendor:
		return s.MariaDB(t).NewDatabase(t)
	default:
		return SQLite(t)
	}
}
