package testenv

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// VitessKeyspace is the database of a Vitess server, which has two shards. vitessSequences has one,
// with the sequences that number rows.
const (
	VitessKeyspace  = "site"
	vitessSequences = "sequences"
)

// vitessSchemas are the VSchemas, by keyspace: which column distributes a table.
var vitessSchemas = map[string]string{
	VitessKeyspace: `{"sharded": true, "vindexes": {"xxhash": {"type": "xxhash"}}, "tables": {
		"django_session": {"column_vindexes": [{"column": "session_key", "name": "xxhash"}]},
		"auth_user": {"column_vindexes": [{"column": "id", "name": "xxhash"}], "auto_increment": {"column": "id", "sequence": "sequences.ids"}},
		"django_migrations": {"column_vindexes": [{"column": "id", "name": "xxhash"}], "auto_increment": {"column": "id", "sequence": "sequences.ids"}}}}`,
	vitessSequences: `{"tables": {"ids": {"type": "sequence"}}}`,
}

// vitessIDs are the statements that make the sequence.
var vitessIDs = []string{
	"CREATE TABLE ids (id bigint, next_id bigint, cache bigint, PRIMARY KEY (id)) COMMENT 'vitess_sequence'",
	"INSERT INTO ids (id, next_id, cache) VALUES (0, 1, 10)",
}

// Vitess returns the shared Vitess server's database, which is emptied after the test. It is started
// for `make matrix` only: skip the test in others.
func (s *Servers) Vitess(t testing.TB) *Database {
	t.Helper()
	server := s.vitess.get(t, func(ctx context.Context) (*Server, error) { return StartVitess(ctx, "") })
	d := server.Database(VitessKeyspace)
	t.Cleanup(func() {
		if err := emptyVitess(d); err != nil {
			t.Errorf("emptying Vitess: %v", err)
		}
	})
	return d
}

// emptyVitess drops the tables.
func emptyVitess(d *Database) error {
	db, err := d.Open()
	if err != nil {
		return err
	}
	defer db.Close()
	rows, err := db.Query("SHOW TABLES")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		if _, err := db.Exec("DROP TABLE `" + name + "`"); err != nil {
			return err
		}
	}
	return rows.Err()
}

// StartVitess starts vtcombo, which is all of Vitess in one process, with both shards in one MySQL
// server; dir is as for StartMariaDB.
func StartVitess(ctx context.Context, dir string) (*Server, error) {
	programs, err := besideDir("vitess")
	if err != nil {
		return nil, err
	}
	mysql, err := StartMySQL(ctx, "")
	if err != nil {
		return nil, err
	}
	s, as, err := newServer(MySQLVendor, dir, "djsession-vt-")
	if err != nil {
		return nil, errors.Join(err, mysql.Stop())
	}
	s.ask = syscall.SIGTERM
	s.backend, s.adminName = mysql, VitessKeyspace
	started, err := s.started(ctx, "Vitess", func(ctx context.Context) error {
		return s.startVitess(ctx, as, filepath.Join(programs, "bin", "vtcombo"))
	})
	if err != nil {
		return nil, errors.Join(err, mysql.Stop())
	}
	return started, nil
}

func (s *Server) startVitess(ctx context.Context, as account, vtcombo string) error {
	if err := s.prepareVitess(ctx); err != nil {
		return err
	}
	for keyspace, schema := range vitessSchemas {
		dir := filepath.Join(s.dir, "schema", keyspace)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, "vschema.json"), []byte(schema), 0o644); err != nil {
			return err
		}
	}
	topology := fmt.Sprintf(`cells: "test" keyspaces { name: %q shards { name: "-80" } shards { name: "80-" } replica_count: 1 } `+
		`keyspaces { name: %q shards { name: "0" } replica_count: 1 }`, VitessKeyspace, vitessSequences)
	err := s.launch(ctx, func(port int) (*process, error) {
		web, err := freePort(s.Host)
		if err != nil {
			return nil, err
		}
		socket := filepath.Join(s.backend.dir, "data", "mysql.sock")
		argv := []string{vtcombo,
			"--bind-address", s.Host, "--port", strconv.Itoa(web), "--log_dir", s.dir,
			"--mysql-server-bind-address", s.Host, "--mysql-server-port", strconv.Itoa(port), "--mysql-auth-server-impl", "none",
			"--tablet-types-to-wait", "PRIMARY", "--proto-topo", topology, "--schema-dir", filepath.Join(s.dir, "schema"),
			"--mycnf-server-id", "1", "--mycnf-socket-file", socket, "--db-socket", socket, "--db-charset", "utf8mb4",
		}
		for _, user := range []string{"app", "dba", "allprivs", "appdebug", "filtered", "repl"} {
			argv = append(argv, "--db-"+user+"-user", s.backend.User, "--db-"+user+"-password", s.backend.Password)
		}
		return startProcess(as, s.dir, s.logPath(), syscall.SIGKILL, argv...)
	})
	if err != nil {
		return err
	}
	db, err := s.Database(vitessSequences).Open()
	if err != nil {
		return err
	}
	defer db.Close()
	return executeAll(ctx, db, vitessIDs...)
}

// prepareVitess makes the shards' databases in MySQL, and lets Vitess in through the socket.
func (s *Server) prepareVitess(ctx context.Context) error {
	db, err := s.backend.Database("mysql").Open()
	if err != nil {
		return err
	}
	defer db.Close()
	user := fmt.Sprintf("'%s'@'localhost'", s.backend.User)
	statements := []string{"CREATE USER " + user + " IDENTIFIED BY '" + s.backend.Password + "'", "GRANT ALL ON *.* TO " + user + " WITH GRANT OPTION"}
	for _, shard := range []string{VitessKeyspace + "_-80", VitessKeyspace + "_80-", vitessSequences + "_0"} {
		statements = append(statements, "CREATE DATABASE `vt_"+shard+"`")
	}
	return executeAll(ctx, db, statements...)
}

func executeAll(ctx context.Context, db *sql.DB, statements ...string) error {
	for _, statement := range statements {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", strings.SplitN(statement, " ", 3)[0], err)
		}
	}
	return nil
}
