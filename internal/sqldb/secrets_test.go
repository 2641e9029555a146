package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	secretKey  = "abcdefghijklmnopqrstuvwxyz012345"
	secretText = "eyJfYXV0aF91c2VyX2lkIjoiNyIsImNhcnQiOlsxLDJdfQ:1vNqZk:Kx0o-s9_1aTnJqQ2yqJm3Zk8uHcVtB7wXgLr5dEiFpM"
)

// shown returns the text of an error of a statement whose arguments the driver had.
func shown(err error) string {
	return (&Database{}).newError(err, true, true, nil).Error()
}

// TestMessagesWithValues: a message that quotes a value, in whichever way it is written, is
// not shown; the code is.
func TestMessagesWithValues(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string // is shown
	}{
		{&pgconn.PgError{Code: "23505", Message: "duplicate key value (session_key)=('" + secretKey + "')"}, "23505"}, // an old CockroachDB
		{&pgconn.PgError{Code: "22P02", Message: `invalid input syntax for type integer: "` + secretKey + `"`}, "22P02"},
		{&pgconn.PgError{Code: "22003", Message: `value "` + secretKey + `" is out of range for type integer`}, "22003"},
		{&pgconn.PgError{Code: "42601", Message: `syntax error at or near "` + secretKey + `"`}, "42601"},
		{&pgconn.PgError{Code: "P0001", Message: "no " + secretKey, Routine: "exec_stmt_raise"}, "P0001"},
		{&pgconn.PgError{Code: "42501", Message: "no " + secretKey, Routine: "exec_stmt_raise"}, "42501"},
		{&pgconn.PgError{Code: "XXUUU", Message: secretKey}, "XXUUU"},
		{&pgconn.PgError{Code: "", Message: secretKey}, "withheld"},
		{number(1062, "Duplicate entry '"+secretKey+"' for key 'PRIMARY'"), "1062"},
		{number(1064, "You have an error in your SQL syntax near '"+secretText[:40]+"'"), "1064"},
		{number(1366, `Incorrect string value: '\xF0`+secretKey+`'`), "1366"},
		{number(1105, `Sql: "update", BindVars: {v1: "type:VARCHAR value:\"`+secretText[:40]+`..."}`), "1105"},
		{number(1213, `Deadlock found (errno 1213) (sqlstate 40001): Sql: "update", BindVars: {v1: "type:VARCHAR value:\"`+secretText[:40]+`..."}`), "1213"},
		{number(1644, secretKey), "1644"},
		{sqliteError{1811, secretKey}, "1811"},
		{sqliteError{1, secretKey}, "error 1"},
		{errors.New(secretKey), "withheld"},
		{fmt.Errorf("query %s: %w", secretKey, context.DeadlineExceeded), "context deadline exceeded"},
		{fmt.Errorf("query %s: %w", secretKey, io.ErrUnexpectedEOF), "unexpected EOF"},
		{fmt.Errorf("query %s: %w", secretKey, &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}), "connection reset by peer"},
		{fmt.Errorf(`failed to encode args[2]: unable to encode "%s" into binary format for int4 (OID 23): cannot find encode plan`, secretKey), "args[2]"},
		{fmt.Errorf(`unable to encode "%s" into text format for unknown type (OID 0): cannot find encode plan`, secretKey), "unable to encode"},
		{fmt.Errorf(`sql: converting argument $3 type: %s`, secretKey), "argument $3"},
		{fmt.Errorf(`sql: Scan error on column index 1, name "is_active": converting driver.Value type string ("%s")`, secretKey), `"is_active"`},
		{errors.New(strings.Repeat(secretKey, 1<<15)), "withheld"},
	} {
		text := shown(c.err)
		for from := range len(secretKey) - 8 {
			if strings.Contains(text, secretKey[from:from+8]) {
				t.Fatalf("%.300s", text)
			}
		}
		if !strings.Contains(text, c.want) || strings.Contains(text, secretText[:8]) {
			t.Errorf("%.300s, want something about %s", text, c.want)
		}
	}
}

// TestMessagesWithCutValues: a message may quote a piece of a long value, with a code whose messages
// are shown otherwise.
func TestMessagesWithCutValues(t *testing.T) {
	long := strings.Repeat(secretText, 200)
	args := []any{long, "2026-01-02 03:04:05", secretKey}
	for _, quote := range []string{
		"during query: insert into django_session(session_data) values ('" + long[:7900],
		`Sql: "update django_session set session_data = :v1", BindVars: {v1: "type:VARCHAR value:\"` + long[:7900] + `[TRUNCATED]`,
		"near " + long[333:350],
		long[len(long)-2000:],
		"key " + secretKey,
		"key " + secretKey[3:20],
	} {
		for _, code := range []uint16{1105, 1205, 1290, 1317, 1815, 2006, 2013, 3024} {
			text := (&Database{}).newError(number(code, "Lost connection (errno 2013) "+quote), true, false, args).Error()
			for from := range len(secretText) - 12 {
				if strings.Contains(text, secretText[from:from+12]) {
					t.Fatalf("%d: %.300s", code, text)
				}
			}
			if strings.Contains(text, secretKey[3:20]) || !strings.Contains(text, fmt.Sprint(code)) {
				t.Errorf("%d: %.300s", code, text)
			}
		}
	}
}

// TestMessagesWithoutValues: what says what to do is shown.
func TestMessagesWithoutValues(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string // is shown
	}{
		{&pgconn.PgError{Code: "42P01", Message: `relation "django_session" does not exist`}, `relation "django_session" does not exist`},
		{&pgconn.PgError{Code: "42703", Message: `column "note" does not exist`}, `column "note" does not exist`},
		{&pgconn.PgError{Code: "42501", Message: "permission denied for table django_session"}, "permission denied for table django_session"},
		{&pgconn.PgError{Code: "23502", Message: `null value in column "note" of relation "x" violates not-null constraint`}, `column "note"`},
		{&pgconn.PgError{Code: "25006", Message: "cannot execute UPDATE in a read-only transaction"}, "read-only transaction"},
		{&pgconn.PgError{Code: "53100", Message: "could not extend file: No space left on device"}, "No space left"},
		{&pgconn.PgError{Code: "57P01", Message: "terminating connection due to administrator command"}, "terminating connection"},
		{number(1146, "Table 'site.django_session' doesn't exist"), "Table 'site.django_session' doesn't exist"},
		{number(1054, "Unknown column 'note' in 'field list'"), "Unknown column 'note'"},
		{number(1142, "INSERT command denied to user 'a'@'b' for table `site`.`django_session`"), "INSERT command denied"},
		{number(1364, "Field 'note' doesn't have a default value"), "Field 'note'"},
		{number(1290, "running with the --read-only option"), "--read-only"},
		{mysql.ErrInvalidConn, "invalid connection"},
		{sqliteError{1, "SQL logic error: no such table: django_session (1)"}, "no such table: django_session"},
		{sqliteError{1, "SQL logic error: no such column: note (1)"}, "no such column: note"},
		{sqliteError{1299, "constraint failed: NOT NULL constraint failed: django_session.note (1299)"}, "django_session.note"},
		{sqliteError{8, "attempt to write a readonly database (8)"}, "readonly database"},
		{sqliteError{13, "database or disk is full (13)"}, "disk is full"},
		{errors.New("no such table: django_session"), "no such table: django_session"},
		{errors.New("database or disk is full: no space left on device"), "no space left"},
		{errors.New("attempt to write a readonly database"), "readonly database"},
		{errors.New("NOT NULL constraint failed: django_session.note"), "django_session.note"},
		{sql.ErrConnDone, "connection is already closed"},
	} {
		if text := shown(c.err); !strings.Contains(text, c.want) {
			t.Errorf("%s, want something about %q", text, c.want)
		}
	}
}

// TestMessagesBeforeSending: whatever happens before the driver has the arguments is shown, why a connection
// failed for instance; it cannot quote them.
func TestMessagesBeforeSending(t *testing.T) {
	const why = "tls: failed to verify certificate: x509: certificate signed by unknown authority"
	db := &Database{Dialect: PostgreSQL, db: failing{err: errors.New(why)}}
	if _, err := db.Exec(t.Context(), "UPDATE", "a"); err == nil || err.Error() != why {
		t.Errorf("Exec: %v", err)
	}
}
