package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strings"
)

// Kind is what callers need to know about a database's error.
type Kind int

// The kinds of errors, which dbstore documents.
const (
	KindOther Kind = iota
	KindTransient
	KindDuplicate
	KindUndefined
	KindOutcomeUnknown
)

// Error is an error of the database. Its text holds nothing of what the statement's arguments
// or the rows hold. It unwraps to the driver's error, whose text may.
type Error struct {
	Kind Kind
	InTx bool // in the caller's transaction

	stale, lost bool
	text        string
	err         error
}

// Error implements error.
func (e *Error) Error() string { return e.text }

// Unwrap returns the driver's error.
func (e *Error) Unwrap() error { return e.err }

// because returns e with what ended the retries in front.
func (e *Error) because(end error) *Error {
	return &Error{Kind: e.Kind, text: end.Error() + ": " + e.text, err: errors.Join(end, e.err)}
}

// unwrapped returns the driver's error.
func unwrapped(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.err
	}
	return err
}

// KindOf returns the kind of an error of a [Database].
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return KindOther
}

// newError classifies the error of a statement; sent is whether the driver had its arguments.
func (db *Database) newError(err error, sent, repeatable bool, args []any) *Error {
	c := codeOf(err)
	_, committing := errors.AsType[commitError](err)
	e := &Error{Kind: db.kind(err), InTx: db.InTx, stale: c.stale(err), err: err}
	e.lost = !committing && !errors.Is(err, errNoAnswer) && (c.lost() || broken(err))
	done := sent && !repeatable && !db.InTx // perhaps
	switch {
	case committing && !db.InTx, e.Kind == KindOther && done && db.outcomeUnknown(err, c):
		e.Kind = KindOutcomeUnknown
	case e.Kind == KindOther && c.passing(err):
		e.Kind = KindTransient
	}
	e.text = text(err, c, e.Kind, sent, args)
	if c.state == "26000" || c.state == "42P05" {
		e.text += " (behind a pooler such as PgBouncer in transaction mode, pgx needs default_query_exec_mode=exec in the DSN)"
	}
	return e
}

// kind returns the kind of a driver's error, as if it had not been sent.
func (db *Database) kind(err error) Kind {
	if db.classify != nil {
		if kind := db.classify(err); kind != KindOther {
			return kind
		}
	}
	c := codeOf(err)
	if c.stale(err) {
		return KindTransient
	}
	return c.kind(err.Error())
}

// outcomeUnknown reports whether an error of no known kind leaves open what became of a write
// that was sent. An answer of the database does not, unless it says so. Without an answer, the
// write may have taken effect, unless the driver says that it sent nothing.
func (db *Database) outcomeUnknown(err error, c code) bool {
	safe := interface{ SafeToRetry() bool }(nil)
	switch {
	case errors.Is(err, errResent):
		return true
	case errors.Is(err, driver.ErrBadConn):
		return db.resends
	case c != code{}:
		return c.unfinished()
	case errors.As(err, &safe) && safe.SafeToRetry():
		return false
	case db.Dialect == SQLite: // with a driver whose errors have no codes
		return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
			strings.Contains(err.Error(), "interrupted") || strings.Contains(err.Error(), "disk I/O error")
	}
	return !conversion.MatchString(err.Error())
}

// broken reports whether an error without a code says that the connection is gone.
func broken(err error) bool {
	network := net.Error(nil)
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		err.Error() == invalidConnection
}

// invalidConnection is the text of go-sql-driver/mysql for a connection that is gone.
const invalidConnection = "invalid connection"

// conversion matches how database/sql and pgx begin the error of an argument or a column that
// they cannot convert. A value follows. With simple_protocol, pgx names no argument.
var conversion = regexp.MustCompile(`sql: converting argument \$\d+ type|failed to encode args\[\d+\]|unable to encode|sql: Scan error on column index \d+, name "(?:[^"\\]|\\.)*"`)

// harmless are errors whose texts hold no values.
var harmless = []error{errNoAnswer, context.Canceled, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, driver.ErrBadConn,
	sql.ErrConnDone, sql.ErrTxDone}

// text returns what may be shown of an error: the driver's text if the driver did not have the
// arguments, or if it is known to name tables, columns, constraints and settings only; else the
// code.
func text(err error, c code, kind Kind, sent bool, args []any) string {
	if errors.Is(err, errResent) {
		return errResent.Error()
	}
	whole := err.Error()
	if begin := conversion.FindString(whole); begin != "" {
		return begin + ": the value cannot be converted" + unknownTypes(args)
	}
	if !sent || whole == invalidConnection || c.quotesNothing(err) && !quotes(whole, args) {
		return whole
	}
	for _, known := range harmless {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	if network, ok := errors.AsType[*net.OpError](err); ok {
		return network.Error()
	}
	text := c.String() + "message withheld, since it may quote what is stored"
	if kind == KindDuplicate {
		text = "the value of a unique column is taken: " + text
	}
	return text
}

// unknownTypes names the types of the arguments that database/sql does not know.
func unknownTypes(args []any) (text string) {
	for _, arg := range args {
		if _, err := driver.DefaultParameterConverter.ConvertValue(arg); err != nil {
			text += fmt.Sprintf(" (%T)", arg)
		}
	}
	return text
}

// sqliteText matches errors of SQLite that hold no values. The system's reason may follow.
var sqliteText = regexp.MustCompile(
	`^(?:database or disk is full|attempt to write a readonly database|disk I/O error|unable to open database file)(?:: [a-z /]+)?$` +
		`|^NOT NULL constraint failed: \w+\.\w+$`)

// vitessQuery matches how Vitess adds a statement, its values or both to a message.
var vitessQuery = regexp.MustCompile(`BindVars|Sql: "|during query: `)

// quotesNothing reports whether the messages of a code hold no values.
func (c code) quotesNothing(err error) bool {
	kind := c.kind(err.Error())
	switch {
	case c.state != "":
		shown := slices.Contains([]string{"08", "0A", "25", "28", "3D", "3F", "40", "53", "54", "55", "57", "58"}, c.state[:min(2, len(c.state))]) ||
			slices.Contains([]string{"22001", "23502", "23503", "23514", "26000", "42501", "42703", "42804", "42809", "42883", "428C9", "42P01", "42P05"}, c.state)
		return shown && routineOf(err) != "exec_stmt_raise" // the message of a trigger
	case c.mysql != 0:
		shown := []int{1020, 1040, 1044, 1045, 1048, 1049, 1053, 1054, 1129, 1130, 1142, 1143, 1146, 1205, 1213, 1226, 1264, 1290, 1317, 1364, 1406,
			1451, 1452, 1615, 1637, 1792, 1836, 1927, 1969, 2006, 2013, 3024, 3101, 3572, 3819, 4025}
		return slices.Contains(shown, c.mysql) && !vitessQuery.MatchString(err.Error())
	case c.sqlite != 0:
		return c.sqlite != 1811 && (c.sqlite != 1 || kind == KindUndefined) // a trigger's, and those of functions
	}
	// A SQLite whose driver has no codes.
	return kind == KindTransient || kind == KindUndefined || sqliteText.MatchString(err.Error())
}
