package testenv

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Vendor is a kind of database, by the name that Django gives it.
type Vendor string

// The databases that Go and Django both support. MariaDB is "mysql" to both.
const (
	PostgreSQLVendor Vendor = "postgresql"
	MySQLVendor      Vendor = "mysql"
	SQLiteVendor     Vendor = "sqlite"
)

// Vendors are the databases by the names that subtests give them.
var Vendors = map[string]Vendor{"SQLite": SQLiteVendor, "PostgreSQL": PostgreSQLVendor, "MariaDB": MySQLVendor}

// startTimeout bounds how long a server may take until it answers.
const startTimeout = 90 * time.Second

// stopGrace is how long a server may take to end when it is asked to.
const stopGrace = time.Minute

// Server is a database server, a pooler in front of one, or a cache that this process started.
// Its methods may be called by several goroutines.
type Server struct {
	Vendor   Vendor
	Host     string
	Port     int
	User     string
	Password string

	life       sync.Mutex // held while it is started, ended, paused or resumed
	process    *process
	begin      func(port int) (*process, error)
	ready      func(context.Context) error // nil: a query is answered
	ask        syscall.Signal
	paused     bool
	durable    bool // only PostgreSQL and Redis servers say it
	busPort    int  // of a node of a Redis Cluster
	dir        string
	ownsDir    bool
	behind     *Server // of a pooler: the server it leads to
	backend    *Server // of Vitess: the MySQL server that it keeps its data in
	primary    *Server // of a standby: whose commits wait for it
	adminName  string  // database that is always there
	stop       sync.Once
	stopFailed error
}

// Option changes how a server is started.
type Option func(*options)

type options struct {
	durable  bool
	beside   string // the server of this name that tools/setup fetched; "": the system's
	password bool
	sentinel bool // a Redis server that is a Sentinel
	cluster  bool // a Redis server that is a node of a Cluster
	settings [][2]string
}

// Durable makes the server flush commits to disk. By default it does not, which is faster.
func Durable() Option { return func(o *options) { o.durable = true } }

// WithSetting sets one of the server's own settings, as in its configuration file.
func WithSetting(name, value string) Option {
	return func(o *options) { o.settings = append(o.settings, [2]string{name, value}) }
}

func optionsOf(opts []Option) options {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// Addr returns host and port of the server.
func (s *Server) Addr() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// Database returns a database by its name, without checking that it exists.
func (s *Server) Database(name string) *Database {
	return &Database{Vendor: s.Vendor, Name: name, server: s}
}

var databaseName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,59}$`)

// CreateDatabase creates an empty database. The name may have lower-case letters, digits
// and underscores.
func (s *Server) CreateDatabase(ctx context.Context, name string) (*Database, error) {
	return s.administer(ctx, name, "CREATE DATABASE ")
}

// DropDatabase removes a database, as CreateDatabase made it.
func (s *Server) DropDatabase(ctx context.Context, name string) error {
	_, err := s.administer(ctx, name, "DROP DATABASE ")
	return err
}

func (s *Server) administer(ctx context.Context, name, statement string) (*Database, error) {
	const force = " WITH (FORCE)"
	if !databaseName.MatchString(name) {
		return nil, fmt.Errorf("database name %q: use a-z, 0-9 and _, a letter first, 60 at most", name)
	}
	server := s
	if s.behind != nil {
		server = s.behind
	}
	if server.Vendor == PostgreSQLVendor && strings.HasPrefix(statement, "DROP") {
		name += force // a pooler, say, still holds connections
	}
	db, err := server.Database(server.adminName).Open()
	if err != nil {
		return nil, err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, statement+name)
	if name, forced := strings.CutSuffix(name, force); forced && err != nil && strings.Contains(err.Error(), "syntax") {
		// PostgreSQL before 13
		_, err = db.ExecContext(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+name+"'")
		if err == nil {
			_, err = db.ExecContext(ctx, statement+name)
		}
	}
	if err != nil {
		return nil, err
	}
	return s.Database(name), nil
}

var (
	databaseNumber   int
	databaseNumberMu sync.Mutex
)

// NewDatabase creates an empty database for one test, and drops it after the test.
func (s *Server) NewDatabase(t testing.TB) *Database {
	t.Helper()
	databaseNumberMu.Lock()
	databaseNumber++
	name := fmt.Sprintf("test_%d", databaseNumber)
	databaseNumberMu.Unlock()

	db, err := s.CreateDatabase(t.Context(), name)
	if err != nil {
		t.Fatalf("creating a database: %v", err)
	}
	t.Cleanup(func() {
		if !s.running() {
			return // the test has killed or stopped the server
		}
		ctx, cancel := context.WithTimeout(context.Background(), stopGrace)
		defer cancel()
		if err := s.DropDatabase(ctx, name); err != nil {
			t.Errorf("dropping a database: %v", err)
		}
	})
	return db
}

// newServer fills in what all servers have in common. Without a directory it makes one
// that Stop removes.
func newServer(vendor Vendor, dir, pattern string) (*Server, account, error) {
	as, err := unprivileged()
	if err != nil {
		return nil, as, err
	}
	s := &Server{Vendor: vendor, Host: "127.0.0.1", User: "djsession", Password: rand.Text(), ownsDir: dir == ""}
	s.dir, err = workDir(dir, pattern, as)
	return s, as, err
}

// started returns the new server once start, which is to launch it, has ended well in
// time. Else it removes what newServer made.
func (s *Server) started(ctx context.Context, name string, start func(context.Context) error) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := start(ctx); err != nil {
		if s.process != nil { // it may run, but lack something
			_ = s.process.kill()
		}
		if s.ownsDir {
			_ = os.RemoveAll(s.dir)
		}
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	return s, nil
}

// program finds a program on PATH or in the places where distributions put servers.
// Of several versions it takes the newest.
func program(names ...string) (string, error) {
	places := []string{"/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/usr/libexec", "/opt/homebrew/bin"}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin"} {
		found, _ := filepath.Glob(pattern)
		slices.SortFunc(found, func(a, b string) int { return versionIn(b) - versionIn(a) })
		places = append(places, found...)
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
		for _, place := range places {
			if path, err := exec.LookPath(filepath.Join(place, name)); err == nil {
				return path, nil
			}
		}
	}
	return "", fmt.Errorf("%w: the program %s (tools/setup installs it)", ErrMissing, strings.Join(names, " or "))
}

func versionIn(path string) int {
	n := 0
	for _, c := range path {
		if c >= '0' && c <= '9' {
			n = n*10 + int(c-'0')
		}
	}
	return n
}

// serve hands a started server to a test and ends it with the test.
func serve(t testing.TB, s *Server, err error) *Server {
	t.Helper()
	failOrSkip(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of the %s server:\n%s", s.Vendor, s.Log())
		}
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}
