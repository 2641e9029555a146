package testenv

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// PostgreSQL starts a PostgreSQL server for one test.
func PostgreSQL(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s, err := StartPostgreSQL(t.Context(), "", opts...)
	return serve(t, s, err)
}

// StartPostgreSQL starts a PostgreSQL server that keeps its data below dir, or, if dir is
// empty, in a directory that Stop removes. The caller stops it.
func StartPostgreSQL(ctx context.Context, dir string, opts ...Option) (*Server, error) {
	o := optionsOf(opts)
	initdb, err := initdbOf(o.besideOr("postgresql-"))
	if err != nil {
		return nil, err
	}
	postgres := filepath.Join(filepath.Dir(initdb), "postgres")
	s, as, err := newServer(PostgreSQLVendor, dir, "djsession-pg-")
	if err != nil {
		return nil, err
	}
	s.ask = syscall.SIGINT // "fast": rolls back what is open instead of waiting for it
	s.adminName = "postgres"
	return s.started(ctx, "PostgreSQL", func(ctx context.Context) error {
		return s.startPostgreSQL(ctx, as, initdb, postgres, o)
	})
}

// initdbOf returns the path of the system's initdb, or that of a server beside it.
func initdbOf(beside string) (string, error) {
	if beside == "" {
		return program("initdb")
	}
	dir, err := besideDir(beside)
	return filepath.Join(dir, "native", "bin", "initdb"), err
}

func (s *Server) startPostgreSQL(ctx context.Context, as account, initdb, postgres string, o options) error {
	data := filepath.Join(s.dir, "data")
	passwordFile := filepath.Join(s.dir, "password")
	if err := os.WriteFile(passwordFile, []byte(s.Password), 0o600); err != nil {
		return err
	}
	if err := give(passwordFile, as); err != nil {
		return err
	}
	err := runTool(ctx, as, s.dir, initdb, "--pgdata="+data, "--username="+s.User, "--pwfile="+passwordFile,
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	if err != nil {
		return err
	}
	return s.launchPostgreSQL(ctx, as, postgres, data, o)
}

func (s *Server) launchPostgreSQL(ctx context.Context, as account, postgres, data string, o options) error {
	s.durable = o.durable
	return s.launch(ctx, func(port int) (*process, error) {
		settings := [][2]string{
			{"listen_addresses", s.Host},
			{"port", strconv.Itoa(port)},
			{"unix_socket_directories", ""},
			{"max_connections", "400"},
			{"shared_buffers", "32MB"},
		}
		if !o.durable {
			settings = append(settings, [][2]string{
				{"fsync", "off"}, {"synchronous_commit", "off"}, {"full_page_writes", "off"},
			}...)
		}
		argv := []string{postgres, "-D", data}
		for _, setting := range append(settings, o.settings...) {
			argv = append(argv, "-c", setting[0]+"="+setting[1])
		}
		// SIGQUIT makes the server end its children too; SIGKILL would leave them.
		return startProcess(as, s.dir, s.logPath(), syscall.SIGQUIT, argv...)
	})
}
