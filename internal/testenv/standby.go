package testenv

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// Standby starts, for one test, a synchronous standby of a PostgreSQL server.
func Standby(t testing.TB, primary *Server, opts ...Option) *Server {
	t.Helper()
	if name := (options{}).besideOr("postgresql-"); name != "" {
		t.Skip(name + " comes without pg_basebackup")
	}
	s, err := StartStandby(t.Context(), "", primary, opts...)
	return serve(t, s, err)
}

// StartStandby starts a hot standby of a PostgreSQL server, which must be Durable, and has
// the primary's commits wait for it from now on: what the primary acknowledges is on the
// disk of both. They have the same databases and users. The options are to be the
// primary's; dir is as for StartPostgreSQL. Stop lets the primary go on alone; while the
// standby is killed or paused, the primary's commits wait.
func StartStandby(ctx context.Context, dir string, primary *Server, opts ...Option) (*Server, error) {
	if !primary.durable {
		return nil, errors.New("starting the standby: its primary must be Durable, or commits do not wait for it")
	}
	basebackup, err := program("pg_basebackup")
	if err != nil {
		return nil, err
	}
	postgres, err := program("postgres")
	if err != nil {
		return nil, err
	}
	s, as, err := newServer(PostgreSQLVendor, dir, "djsession-sb-")
	if err != nil {
		return nil, err
	}
	s.ask, s.adminName = syscall.SIGINT, primary.adminName
	s.User, s.Password, s.primary = primary.User, primary.Password, primary
	return s.started(ctx, "the standby", func(ctx context.Context) error {
		return s.startStandby(ctx, as, primary, basebackup, postgres, optionsOf(opts))
	})
}

func (s *Server) startStandby(ctx context.Context, as account, primary *Server, basebackup, postgres string, o options) error {
	// Where the tool looks for it, since this is its home.
	passwords := filepath.Join(s.dir, ".pgpass")
	if err := os.WriteFile(passwords, fmt.Appendf(nil, "*:*:*:%s:%s\n", s.User, s.Password), 0o600); err != nil {
		return err
	}
	if err := give(passwords, as); err != nil {
		return err
	}
	data := filepath.Join(s.dir, "data")
	err := runTool(ctx, as, s.dir, basebackup, "--pgdata="+data, "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
		"--host="+primary.Host, "--port="+strconv.Itoa(primary.Port), "--username="+s.User, "--no-password")
	if err != nil {
		return err
	}
	if err := s.launchPostgreSQL(ctx, as, postgres, data, o); err != nil {
		return err
	}
	err = primary.waitForStandby(ctx)
	if err != nil {
		err = errors.Join(err, primary.forgetStandby(), s.Kill())
	}
	return err
}

// waitForStandby has commits wait for a standby, and returns once one is synchronous.
func (s *Server) waitForStandby(ctx context.Context) error {
	db, err := s.Database(s.adminName).Open()
	if err != nil {
		return err
	}
	defer db.Close()
	if err := changeSetting(ctx, db, "SET synchronous_standby_names = '*'"); err != nil {
		return err
	}
	for {
		var synchronous bool
		err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')"+
			" AND current_setting('synchronous_standby_names') <> ''").Scan(&synchronous)
		if err != nil || synchronous {
			return err
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("the standby did not become synchronous: %w", ctx.Err())
		}
	}
}

// forgetStandby has commits wait no more, unless the server has ended anyway.
func (s *Server) forgetStandby() error {
	if !s.running() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopGrace)
	defer cancel()
	db, err := s.Database(s.adminName).Open()
	if err != nil {
		return err
	}
	defer db.Close()
	return changeSetting(ctx, db, "RESET synchronous_standby_names")
}

// changeSetting changes one of the server's own settings while it runs.
func changeSetting(ctx context.Context, db *sql.DB, change string) error {
	for _, statement := range []string{"ALTER SYSTEM " + change, "SELECT pg_reload_conf()"} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// Promote makes a standby a primary, and returns when it accepts writes. Kill the old
// primary first, since its clients are not disconnected.
func (s *Server) Promote(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	db, err := s.Database(s.adminName).Open()
	if err != nil {
		return err
	}
	defer db.Close()
	var promoted bool
	if err := db.QueryRowContext(ctx, "SELECT pg_promote(true, 60)").Scan(&promoted); err != nil {
		return fmt.Errorf("promoting the standby: %w", err)
	}
	if !promoted {
		return fmt.Errorf("promoting the standby: it is none any more, or takes too long\n%s", s.Log())
	}
	return nil
}
