package dbstore

import (
	"errors"
	"fmt"
	"strings"

	"github.com/djsession/djsession/django"
)

// ErrorKind is what dbstore has to know of a database's error.
type ErrorKind int

// The kinds of errors.
const (
	// KindOther is every other error: the store failed.
	KindOther ErrorKind = iota
	// KindTransient: the statement did nothing and may be sent again: a busy
	// SQLite, a deadlock, a lock that took too long, a serialization failure.
	KindTransient
	// KindDuplicate: the session's key is taken.
	KindDuplicate
	// KindUndefined: there is no such table or column.
	KindUndefined
)

// kindOf tells the kind of a driver's error without knowing the driver.
func (o *options) kindOf(err error) ErrorKind {
	if o.classify != nil {
		if k := o.classify(err); k != KindOther {
			return k
		}
	}
	var state interface{ SQLState() string }
	if errors.As(err, &state) {
		return kindOfState(state.SQLState())
	}
	text := err.Error()
	// go-sql-driver/mysql: "Error 1213 (40001): ...".
	var number int
	if n, _ := fmt.Sscanf(text, "Error %d", &number); n == 1 {
		return kindOfMySQL(number, text)
	}
	return kindOfSQLite(err, text)
}

func kindOfState(state string) ErrorKind {
	switch state {
	case "40001", "40P01", "55P03":
		return KindTransient
	case "23505":
		return KindDuplicate
	case "42P01", "42703":
		return KindUndefined
	}
	return KindOther
}

func kindOfMySQL(number int, text string) ErrorKind {
	switch number {
	case 1020, 1205, 1213, 3572:
		return KindTransient
	case 1062:
		// Another unique column of a custom model is the caller's business.
		if strings.Contains(text, "PRIMARY") {
			return KindDuplicate
		}
	case 1054, 1146:
		return KindUndefined
	}
	return KindOther
}

func kindOfSQLite(err error, text string) ErrorKind {
	const busy, locked = 5, 6
	var coded interface{ Code() int }
	if errors.As(err, &coded) {
		if c := coded.Code() & 0xff; c == busy || c == locked {
			return KindTransient
		}
	}
	switch {
	case strings.Contains(text, "database is locked"), strings.Contains(text, "database table is locked"):
		return KindTransient
	case strings.Contains(text, "no such table"), strings.Contains(text, "no such column"), strings.Contains(text, "has no column named"):
		return KindUndefined
	case strings.Contains(text, "UNIQUE constraint failed") && strings.Contains(text, ".session_key"):
		return KindDuplicate
	}
	return KindOther
}

// Error is a failure of the database. It names the table and wraps the driver's
// error; a driver's message that quotes the session's key or data is left out of
// the text.
type Error struct {
	Op    string    // what was being done, such as "load"
	Table string    // the table of the sessions
	Kind  ErrorKind // what dbstore takes it for
	Err   error     // the driver's

	withheld bool
	inTx     bool
}

// Error names what was being done and the table, and says what to do where a
// table or column is missing.
func (e *Error) Error() string {
	text := "message withheld, since it quotes the session"
	if !e.withheld {
		text = e.Err.Error()
	}
	if e.Kind == KindUndefined {
		return fmt.Sprintf("dbstore: %s: table %q is missing or lacks a column of Django's session model; run the site's migrations, or name the table with WithTable: %s", e.Op, e.Table, text)
	}
	return fmt.Sprintf("dbstore: %s: table %q: %s", e.Op, e.Table, text)
}

// Unwrap returns the driver's error.
func (e *Error) Unwrap() error { return e.Err }

// Is makes a refusal inside a transaction, which cannot sit it out, a
// django.ErrConflict.
func (e *Error) Is(target error) bool {
	return target == django.ErrConflict && e.Kind == KindTransient && e.inTx
}

// fail wraps a driver's error; secrets are what its message must not quote.
func (s *Store) fail(op string, err error, secrets ...string) error {
	if err == nil {
		return nil
	}
	e := &Error{Op: op, Table: s.opts.table, Kind: s.opts.kindOf(err), Err: err, inTx: s.inTx}
	for _, secret := range secrets {
		if secret != "" && strings.Contains(err.Error(), secret) {
			e.withheld = true
		}
	}
	return e
}
