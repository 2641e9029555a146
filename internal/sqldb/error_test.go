package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jmoiron/sqlx"
)

type sqliteError struct {
	code int
	text string
}

func (e sqliteError) Error() string { return e.text }
func (e sqliteError) Code() int     { return e.code }

type safeError struct{ error }

func (safeError) SafeToRetry() bool { return true }

func state(code string) error { return fmt.Errorf("exec: %w", &pgconn.PgError{Code: code}) }

func number(n uint16, text string) error {
	return &mysql.MySQLError{Number: n, SQLState: [5]byte{'H', 'Y', '0', '0', '0'}, Message: text}
}

// TestKinds: an error that the database returned says what became of a statement. If the
// connection broke, the outcome is unknown.
func TestKinds(t *testing.T) {
	for _, c := range []struct {
		dialect Dialect
		err     error
		want    Kind // of a write that was sent
	}{
		{PostgreSQL, state("40001"), KindTransient},
		{PostgreSQL, state("40P01"), KindTransient},
		{PostgreSQL, state("55P03"), KindTransient},
		{PostgreSQL, state("CR000"), KindTransient},
		{PostgreSQL, state("53300"), KindTransient},
		{PostgreSQL, state("26000"), KindTransient},
		{PostgreSQL, state("42P05"), KindTransient},
		{PostgreSQL, &pgconn.PgError{Code: "0A000", Message: "gecachter Plan", Routine: "RevalidateCachedQuery"}, KindTransient},
		{PostgreSQL, &pgconn.PgError{Code: "0A000", Message: "cached plan must not change result type"}, KindTransient},
		{PostgreSQL, &pgconn.PgError{Code: "0A000", Message: "not supported"}, KindOther},
		{PostgreSQL, errors.New(`sql: converting argument $4 type: unsupported type struct {}, a struct`), KindOther},
		{PostgreSQL, errors.New("failed to encode args[3]: unable to encode"), KindOther},
		{PostgreSQL, errors.New("unable to encode make(chan int) into text format for unknown type (OID 0): cannot find encode plan"), KindOther},
		{PostgreSQL, state("40003"), KindOutcomeUnknown},
		{PostgreSQL, state("57P01"), KindOutcomeUnknown},
		{PostgreSQL, state("57P02"), KindOutcomeUnknown},
		{PostgreSQL, state("08006"), KindOutcomeUnknown},
		{PostgreSQL, state("57014"), KindOther},
		{PostgreSQL, state("25006"), KindOther},
		{PostgreSQL, state("53100"), KindOther},
		{PostgreSQL, state("23505"), KindDuplicate},
		{PostgreSQL, state("42P01"), KindUndefined},
		{PostgreSQL, io.ErrUnexpectedEOF, KindOutcomeUnknown},
		{PostgreSQL, &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}, KindOutcomeUnknown},
		{PostgreSQL, context.DeadlineExceeded, KindOutcomeUnknown},
		{PostgreSQL, context.Canceled, KindOutcomeUnknown},
		{PostgreSQL, safeError{context.Canceled}, KindOther},
		{PostgreSQL, fmt.Errorf("write: %w", driver.ErrBadConn), KindOther},
		{PostgreSQL, errors.New("an unknown error"), KindOutcomeUnknown},
		{MySQL, number(1213, "Deadlock found"), KindTransient},
		{MySQL, number(1205, "Lock wait timeout exceeded"), KindTransient},
		{MySQL, number(1040, "Too many connections"), KindTransient},
		{MySQL, number(1226, "User 'a' has exceeded the 'max_user_connections' resource"), KindTransient},
		{MySQL, number(1226, "User 'a' has exceeded the 'max_questions' resource"), KindOther},
		{MySQL, number(1637, "Too many active concurrent transactions"), KindTransient},
		{MySQL, number(1615, "Prepared statement needs to be re-prepared"), KindTransient},
		{MySQL, number(1020, "Record has changed since last read"), KindTransient},
		{MySQL, number(3101, "rolled back during commit"), KindTransient},
		{MySQL, number(3572, "NOWAIT"), KindTransient},
		{MySQL, number(1203, "pool of transactions: limit exceeded"), KindTransient},
		{MySQL, number(1105, "target: site.0.primary: vttablet: operation not allowed in state NOT_SERVING"), KindTransient},
		{MySQL, number(1105, "target: site.0.primary: vttablet: rpc error: code = Unavailable"), KindOutcomeUnknown},
		{MySQL, number(1105, "target: site.0.primary: primary is not serving, there may be a reparent operation in progress"), KindOutcomeUnknown},
		{MySQL, number(1105, "current keyspace is being resharded"), KindOutcomeUnknown},
		{MySQL, number(1815, "connection pool is closed"), KindOutcomeUnknown},
		{MySQL, number(3024, "Query execution was interrupted, maximum statement execution time exceeded"), KindOutcomeUnknown},
		{MySQL, number(1235, "VT12001: unsupported: you cannot UPDATE primary vindex columns"), KindOther},
		{MySQL, number(1317, "Query execution was interrupted"), KindOutcomeUnknown},
		{MySQL, number(1053, "Server shutdown in progress"), KindOutcomeUnknown},
		{MySQL, number(1062, "Duplicate entry for key 'PRIMARY'"), KindDuplicate},
		{MySQL, number(1062, "Duplicate entry for key 'session_key'"), KindDuplicate},
		{MySQL, number(1146, "Table doesn't exist"), KindUndefined},
		{MySQL, number(1290, "running with the --read-only option"), KindOther},
		{MySQL, mysql.ErrInvalidConn, KindOutcomeUnknown},
		{SQLite, sqliteError{5, "database is locked"}, KindTransient},
		{SQLite, sqliteError{261, "database is locked"}, KindTransient}, // SQLITE_BUSY_RECOVERY
		{SQLite, sqliteError{6, "database table is locked"}, KindTransient},
		{SQLite, errors.New("database is locked"), KindTransient},
		{SQLite, sqliteError{15, "locking protocol"}, KindTransient},
		{SQLite, sqliteError{17, "database schema has changed"}, KindTransient},
		{SQLite, sqliteError{13, "database or disk is full"}, KindOther},
		{SQLite, sqliteError{8, "attempt to write a readonly database"}, KindOther},
		{SQLite, sqliteError{10, "disk I/O error"}, KindOutcomeUnknown},
		{SQLite, sqliteError{1034, "disk I/O error"}, KindOutcomeUnknown}, // of fsync
		{SQLite, errors.New("disk I/O error"), KindOutcomeUnknown},
		{SQLite, errors.New("interrupted"), KindOutcomeUnknown},
		{SQLite, errors.New("database or disk is full"), KindOther},
		{SQLite, errors.New("attempt to write a readonly database"), KindOther},
		{SQLite, errors.New("NOT NULL constraint failed: django_session.note"), KindOther},
		{SQLite, errors.New("UNIQUE constraint failed: django_session.session_key"), KindDuplicate},
		{SQLite, errors.New("what a trigger says"), KindOther},
		{SQLite, sqliteError{9, "interrupted"}, KindOutcomeUnknown},
		{SQLite, context.DeadlineExceeded, KindOutcomeUnknown},
		{SQLite, sqliteError{1, "no such table: django_session"}, KindUndefined},
	} {
		t.Run(fmt.Sprintf("%v %v", c.dialect, c.err), func(t *testing.T) {
			for _, sent := range []bool{true, false} {
				for _, inTx := range []bool{false, true} {
					db := &Database{Dialect: c.dialect, InTx: inTx, db: failing{err: c.err, sent: sent}}
					_, err := db.Exec(context.Background(), "UPDATE", "a", 1)
					want := c.want
					if want == KindOutcomeUnknown && (!sent || inTx) {
						want = KindOther
						if codeOf(c.err).passing(c.err) {
							want = KindTransient
						}
					}
					if got := KindOf(err); got != want || !errors.Is(err, c.err) {
						t.Errorf("sent %t, in a transaction %t: kind %d of %v, want %d", sent, inTx, got, err, want)
					}
				}
			}
		})
	}
}

// failing is a database whose every statement fails, before or after its arguments are read.
type failing struct {
	sqlx.ExtContext
	err  error
	sent bool
}

func (f failing) ExecContext(_ context.Context, _ string, args ...any) (sql.Result, error) {
	if f.sent {
		if v, err := args[0].(driver.Valuer).Value(); v != "a" || err != nil {
			return nil, fmt.Errorf("the argument is %v, %w", v, err)
		}
	}
	return nil, f.err
}

// resent is a database/sql whose driver returns driver.ErrBadConn after it has sent the
// statement.
type resent struct {
	sqlx.ExtContext
	name string
	sent *int
}

func (r resent) DriverName() string { return r.name }

func (r resent) ExecContext(_ context.Context, _ string, args ...any) (sql.Result, error) {
	for range 3 {
		if _, err := args[0].(driver.Valuer).Value(); err != nil {
			return nil, fmt.Errorf("sql: converting argument $1 type: %w", err)
		}
		*r.sent++
	}
	return nil, driver.ErrBadConn
}

// TestSentOnce: database/sql does not resend a write with a driver that may return
// driver.ErrBadConn after sending it. With other drivers, and for repeatable statements, it
// does.
func TestSentOnce(t *testing.T) {
	for _, c := range []struct {
		driver string
		twice  bool
		sent   int
		want   Kind
	}{
		{"postgres", false, 1, KindOutcomeUnknown},
		{"postgres", true, 3, KindOther},
		{"pgx", false, 3, KindOther},
		{"mysql", false, 3, KindOther},
	} {
		sent := 0
		db, err := Open(resent{name: c.driver, sent: &sent}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if c.twice {
			err = db.ExecRepeatable(t.Context(), "DELETE", "a")
		} else {
			_, err = db.Exec(t.Context(), "UPDATE", "a")
		}
		if sent != c.sent || KindOf(err) != c.want {
			t.Errorf("%s, twice %t: sent %d times, kind %d of %v", c.driver, c.twice, sent, KindOf(err), err)
		}
		if c.want == KindOutcomeUnknown && err.Error() != "the connection broke" {
			t.Errorf("%s: %v", c.driver, err)
		}
	}
}
