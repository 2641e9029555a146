package testenv

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
)

// MySQL starts a MySQL server for one test. Unlike MariaDB, it is not one of Debian's stable
// packages: tools/setup fetches it, and the test is skipped if it could not be had.
func MySQL(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s, err := StartMySQL(t.Context(), "", opts...)
	return serve(t, s, err)
}

// StartMySQL starts a MySQL server; dir is as for StartMariaDB. The caller stops it.
func StartMySQL(ctx context.Context, dir string, opts ...Option) (*Server, error) {
	root, err := besideDir("mysql")
	if err != nil {
		return nil, err
	}
	s, as, err := newServer(MySQLVendor, dir, "djsession-my-")
	if err != nil {
		return nil, err
	}
	s.ask = syscall.SIGTERM
	s.adminName = "mysql"
	return s.started(ctx, "MySQL", func(ctx context.Context) error {
		return s.startMySQL(ctx, as, root, optionsOf(opts))
	})
}

func (s *Server) startMySQL(ctx context.Context, as account, root string, o options) error {
	data, share := filepath.Join(s.dir, "data"), filepath.Join(root, "usr", "share", "mysql")
	mysqld := append(debianProgram(root, "usr/sbin/mysqld"), "--no-defaults", "--datadir="+data,
		"--basedir="+filepath.Join(root, "usr"), "--lc-messages-dir="+share, "--character-sets-dir="+filepath.Join(share, "charsets"),
		"--plugin-dir="+filepath.Join(root, "usr", "lib", "mysql", "plugin"), "--secure-file-priv=NULL")
	// Nobody needs the directory if the machine crashes meanwhile.
	err := runTool(ctx, as, s.dir, append(mysqld, "--initialize-insecure", "--innodb-flush-method=nosync", "--innodb-doublewrite=OFF")...)
	if err != nil {
		return err
	}
	return s.launchMySQL(ctx, as, mysqld, o, [][2]string{
		{"socket", "mysql.sock"}, // as for MariaDB
		{"mysqlx", "OFF"},
		{"skip-log-bin", "ON"},
	})
}

// launchMySQL starts a MySQL or MariaDB server by these words and settings, and those that the two
// share, in a directory that is filled.
func (s *Server) launchMySQL(ctx context.Context, as account, server []string, o options, own [][2]string) error {
	grants, err := s.writeGrants(as)
	if err != nil {
		return err
	}
	return s.launch(ctx, func(port int) (*process, error) {
		settings := [][2]string{
			{"bind-address", s.Host},
			{"port", strconv.Itoa(port)},
			{"pid-file", filepath.Join(s.dir, "pid")},
			{"init-file", grants},
			{"skip-name-resolve", "ON"},
			{"max-connections", "400"},
			{"innodb-buffer-pool-size", "64M"},
			{"performance-schema", "OFF"},
		}
		if !o.durable {
			settings = append(settings, [][2]string{
				{"innodb-flush-log-at-trx-commit", "0"}, {"innodb-doublewrite", "OFF"},
				{"innodb-flush-method", "nosync"}, {"innodb-fast-shutdown", "2"},
			}...)
		}
		argv := slices.Clone(server)
		for _, setting := range slices.Concat(settings, own, o.settings) {
			argv = append(argv, "--"+setting[0]+"="+setting[1])
		}
		return startProcess(as, s.dir, s.logPath(), syscall.SIGKILL, argv...)
	})
}

// writeGrants writes the statements by which a MySQL or MariaDB server makes the user when it
// starts, and returns the file.
func (s *Server) writeGrants(as account) (string, error) {
	grants := filepath.Join(s.dir, "grants.sql")
	// Not logged: replicas have their own.
	statements := fmt.Sprintf("SET sql_log_bin = 0;\nCREATE USER IF NOT EXISTS '%[1]s'@'%[2]s' IDENTIFIED BY '%[3]s';\n"+
		"GRANT ALL ON *.* TO '%[1]s'@'%[2]s' WITH GRANT OPTION;\n", s.User, s.Host, s.Password)
	if err := os.WriteFile(grants, []byte(statements), 0o600); err != nil {
		return "", err
	}
	return grants, give(grants, as)
}
