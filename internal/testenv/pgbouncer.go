package testenv

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// PgBouncer starts, for one test, a PgBouncer in transaction mode in front of a
// PostgreSQL server. The result is used like the server itself.
func PgBouncer(t testing.TB, pg *Server, opts ...Option) *Server {
	t.Helper()
	s, err := StartPgBouncer(t.Context(), "", pg, opts...)
	return serve(t, s, err)
}

// StartPgBouncer is PgBouncer outside of a test; dir is as for StartPostgreSQL.
//
// Two connections to the server serve all clients of a database, so that successive
// transactions of one client really do meet different ones.
func StartPgBouncer(ctx context.Context, dir string, pg *Server, opts ...Option) (*Server, error) {
	pgbouncer, err := program("pgbouncer")
	if err != nil {
		return nil, err
	}
	s, as, err := newServer(PostgreSQLVendor, dir, "djsession-pb-")
	if err != nil {
		return nil, err
	}
	s.ask = syscall.SIGTERM // ends at once; SIGINT would wait for the clients
	s.User, s.Password, s.behind, s.adminName = pg.User, pg.Password, pg, pg.adminName
	return s.started(ctx, "PgBouncer", func(ctx context.Context) error {
		return s.startPgBouncer(ctx, as, pgbouncer, optionsOf(opts))
	})
}

func (s *Server) startPgBouncer(ctx context.Context, as account, pgbouncer string, o options) error {
	users := filepath.Join(s.dir, "users.txt")
	if err := os.WriteFile(users, fmt.Appendf(nil, "%q %q\n", s.User, s.Password), 0o600); err != nil {
		return err
	}
	if err := give(users, as); err != nil {
		return err
	}
	return s.launch(ctx, func(port int) (*process, error) {
		text := fmt.Sprintf(`[databases]
* = host=%s port=%d

[pgbouncer]
listen_addr = %s
listen_port = %d
unix_socket_dir =
auth_type = scram-sha-256
auth_file = %s
pool_mode = transaction
default_pool_size = 2
max_client_conn = 200
`, s.behind.Host, s.behind.Port, s.Host, port, users)
		for _, setting := range o.settings {
			text += setting[0] + " = " + setting[1] + "\n"
		}
		configuration := filepath.Join(s.dir, "pgbouncer.ini")
		if err := os.WriteFile(configuration, []byte(text), 0o644); err != nil {
			return nil, err
		}
		return startProcess(as, s.dir, s.logPath(), syscall.SIGKILL, pgbouncer, configuration)
	})
}
