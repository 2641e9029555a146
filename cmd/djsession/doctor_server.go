package main

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"github.com/djsession/djsession/internal/databaseurl"
	"github.com/djsession/djsession/internal/sqldb"
)

// checkPrimary tells a replica, and a connection that may not write.
func (d *doctor) checkPrimary(ctx context.Context) []diagnosis {
	if d.s.sql == nil {
		return inapplicable("there is no database")
	}
	place := d.place("database-url")
	switch d.s.sql.Dialect {
	case sqldb.PostgreSQL:
		if d.value(ctx, "SELECT pg_is_in_recovery()::text") == "true" {
			return failLocal("replica", "the server is a standby, which cannot store sessions, and may lag behind the primary", "name the primary in "+place+"; libpq's target_session_attrs=read-write chooses it among several hosts")
		}
		if d.value(ctx, "SHOW transaction_read_only") == "on" {
			return failLocal("read-only", "transactions of this user are read-only (default_transaction_read_only)", "ALTER ROLE … SET default_transaction_read_only = off, or use the user of the site")
		}
	case sqldb.MySQL:
		if d.value(ctx, "SELECT @@global.read_only") == "1" {
			return failLocal("replica", "the server is read-only, as replicas are", "name the primary in "+place)
		}
		if d.value(ctx, "SELECT @@transaction_read_only") == "1" || d.value(ctx, "SELECT @@tx_read_only") == "1" {
			return failLocal("read-only", "transactions of this connection are read-only", "remove transaction_read_only from init_command in "+place+" and from the server's settings")
		}
	}
	return passed("the server takes writes")
}

// checkDurability tells settings by which what was stored may be lost.
func (d *doctor) checkDurability(ctx context.Context) []diagnosis {
	if d.s.sql == nil {
		return inapplicable("there is no database")
	}
	const lost = "a crash of the server loses the last moments of sessions and logouts, although they were acknowledged"
	var problems []diagnosis
	switch d.s.sql.Dialect {
	case sqldb.PostgreSQL:
		if d.value(ctx, "SHOW synchronous_commit") == "off" {
			problems = append(problems, warn("synchronous-commit", "synchronous_commit is off: "+lost, "set synchronous_commit = on for this user or database, or accept it")...)
		}
		if d.value(ctx, "SHOW fsync") == "off" {
			problems = append(problems, warn("fsync", "fsync is off: a crash of the machine can destroy the database", "set fsync = on in postgresql.conf")...)
		}
		if d.value(ctx, "SELECT relpersistence::text FROM pg_class WHERE oid = to_regclass(?)", d.s.sql.Dialect.Quote(d.sessionTable())) == "u" {
			problems = append(problems, warn("table-unlogged", "the session table is UNLOGGED: a crash empties it, and standbys do not have it", "ALTER TABLE … SET LOGGED, or accept it")...)
		}
	case sqldb.MySQL:
		if n := d.value(ctx, "SELECT @@innodb_flush_log_at_trx_commit"); n != "1" && n != "" {
			problems = append(problems, warn("innodb-flush", "innodb_flush_log_at_trx_commit is "+n+": "+lost, "set it to 1, or accept it")...)
		}
	}
	return orRight(problems, "what is stored survives a crash, as far as the server's settings say")
}

// sessionTable returns the table of the sessions.
func (d *doctor) sessionTable() string {
	if _, err := d.s.tableOptions(); err != nil {
		return "django_session"
	}
	return d.s.table
}

// checkPooler looks for PgBouncer, ProxySQL and MySQL's autocommit.
func (d *doctor) checkPooler(ctx context.Context) []diagnosis {
	if d.s.sql == nil {
		return inapplicable("there is no database")
	}
	switch d.s.sql.Dialect {
	case sqldb.PostgreSQL:
		return d.checkPgBouncer(ctx)
	case sqldb.MySQL:
		return d.checkMySQLConnection(ctx)
	}
	return inapplicable("there is none for SQLite")
}

// checkPgBouncer compares the server process that a connection was promised with those that run
// its statements. In transaction mode two connections meet the same one, or one meets several.
func (d *doctor) checkPgBouncer(ctx context.Context) []diagnosis {
	pool, _, err := openPool(d.s.url, 2)
	if err != nil {
		return failUnexpected(err)
	}
	defer pool.Close()
	// A server or pooler that allows few connections is not at fault.
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	first, err := pool.Conn(ctx)
	if err != nil {
		return skip("it needs two more connections: %s", explain(err))
	}
	defer first.Close()
	second, err := pool.Conn(ctx)
	if err != nil {
		return skip("it needs two more connections: %s", explain(err))
	}
	defer second.Close()
	var promised uint32
	if err := first.Raw(func(c any) error { promised = c.(*stdlib.Conn).Conn().PgConn().PID(); return nil }); err != nil {
		return failUnexpected(err)
	}
	served := [2]map[uint32]bool{{}, {}} // the server processes of each connection
	for range 4 {
		for i, conn := range []*sql.Conn{first, second} {
			var pid uint32
			if err := conn.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&pid); err != nil {
				return skip("it needs two more connections: %s", explain(err))
			}
			served[i][pid] = true
		}
	}
	shared := len(served[0]) > 1 || len(served[1]) > 1
	for pid := range served[0] {
		shared = shared || served[1][pid]
	}
	file := d.in.file.settings()
	dsn := file.Databases[cmp.Or(file.SessionModel.Database, "default")].DSN()
	switch {
	case shared && strings.Contains(dsn, "default_query_exec_mode="):
		return passed("a pooler in transaction mode, and the DSN has default_query_exec_mode")
	case shared:
		return warn("pgbouncer-transaction", "a pooler gives each transaction another connection to PostgreSQL (PgBouncer in transaction mode): statements that pgx prepares are not there for the next one",
			"add default_query_exec_mode=exec to the DSN of the service, and DISABLE_SERVER_SIDE_CURSORS = True to DATABASES of the site")
	case !served[0][promised]:
		return passed("a pooler in session mode")
	}
	return passed("a direct connection")
}

// checkMySQLConnection looks for a server that does not commit by itself, and for ProxySQL.
func (d *doctor) checkMySQLConnection(ctx context.Context) []diagnosis {
	var problems []diagnosis
	if d.value(ctx, "SELECT @@global.autocommit") == "0" {
		problems = append(problems, failLocal("autocommit-off", "autocommit is off on the server: what a service stores is kept only if its DSN turns it on, as this command does", "add autocommit=1 to the DSN of the service, or remove autocommit=0 from the server's settings")...)
	}
	if command := strings.ToLower(strings.ReplaceAll(d.s.url.Options["init_command"], " ", "")); strings.Contains(command, "autocommit=0") {
		problems = append(problems, failLocal("autocommit-off", "init_command turns autocommit off: nothing that is written is kept", "remove it from "+d.place("database-url"))...)
	}
	var answer sql.NullString
	if err := d.s.sql.Row(ctx, "PROXYSQL INTERNAL SESSION", nil, &answer); err == nil {
		problems = append(problems, warn("proxysql-retries", "the connection leads through ProxySQL, which by default sends a statement again if its connection was lost: a write may be made twice",
			"set mysql-query_retries_on_failure = 0 in ProxySQL, and send reads and writes of sessions to the primary")...)
	}
	return orRight(problems, "autocommit is on, and there is no ProxySQL")
}

// userOf names the database's user as the server does.
func (d *doctor) userOf(ctx context.Context) string {
	switch d.s.sql.Dialect {
	case sqldb.PostgreSQL:
		return d.s.sql.Dialect.QuoteColumn(d.value(ctx, "SELECT current_user::text"))
	case sqldb.MySQL:
		name, host, _ := strings.Cut(d.value(ctx, "SELECT CURRENT_USER()"), "@")
		return fmt.Sprintf("'%s'@'%s'", name, host)
	}
	return ""
}

// isSQLite reports whether the database is a file.
func (d *doctor) isSQLite() bool { return d.s.url.Engine == databaseurl.SQLite }
