package testenv

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// MariaDB starts a MariaDB server for one test.
func MariaDB(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s, err := StartMariaDB(t.Context(), "", opts...)
	return serve(t, s, err)
}

// StartMariaDB starts a MariaDB server that keeps its data below dir, or, if dir is empty,
// in a directory that Stop removes. The caller stops it.
func StartMariaDB(ctx context.Context, dir string, opts ...Option) (*Server, error) {
	o := optionsOf(opts)
	beside := o.besideOr("mariadb-", "mysql")
	if beside == "mysql" {
		return StartMySQL(ctx, dir, opts...)
	}
	programs, err := mariaDBOf(beside)
	if err != nil {
		return nil, err
	}
	s, as, err := newServer(MySQLVendor, dir, "djsession-my-")
	if err != nil {
		return nil, err
	}
	s.ask = syscall.SIGTERM
	s.adminName = "mysql"
	return s.started(ctx, "MariaDB", func(ctx context.Context) error {
		return s.startMariaDB(ctx, as, programs, o)
	})
}

func (s *Server) startMariaDB(ctx context.Context, as account, programs mariaDBPrograms, o options) error {
	data := filepath.Join(s.dir, "data")
	// A small redo log: writing the default one costs more than all the rest.
	err := errors.Join(os.Mkdir(data, 0o700), give(data, as))
	if err == nil {
		err = runTool(ctx, as, s.dir, append(programs.install, "--datadir="+data, "--innodb-log-file-size=8M")...)
	}
	if err != nil {
		return err
	}
	return s.launchMySQL(ctx, as, append(slices.Clone(programs.server), "--datadir="+data), o, [][2]string{
		// Relative to the data directory: a full path may be too long for a socket.
		{"socket", "mariadb.sock"},
		// What Debian's configuration, which is left out here, says.
		{"character-set-server", "utf8mb4"},
		{"collation-server", "utf8mb4_general_ci"},
		{"innodb-log-file-size", "8M"},
	})
}
