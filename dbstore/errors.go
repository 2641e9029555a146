package dbstore

import (
	"fmt"
	"strings"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/sqldb"
)

// ErrorKind is what dbstore needs to know about a database's error.
type ErrorKind = sqldb.Kind

// The kinds of errors.
const (
	// KindOther is every other error: the store failed.
	KindOther = sqldb.KindOther
	// KindTransient: the statement did nothing and may be sent again: a busy
	// SQLite, a deadlock, a lock that took too long, a serialization failure, a prepared
	// statement that the server has dropped, too many connections, a server that starts.
	KindTransient = sqldb.KindTransient
	// KindDuplicate: the session's key is taken, or the value of another unique column.
	KindDuplicate = sqldb.KindDuplicate
	// KindUndefined: there is no such table or column.
	KindUndefined = sqldb.KindUndefined
	// KindInDoubt: the connection broke or the context ended while a write was under
	// way. It may have taken effect, or still will.
	KindInDoubt = sqldb.KindInDoubt
)

// Error is a failure of the database. It names the table and wraps the driver's
// error; a driver's message that quotes the session's key, its data or an extra column, or
// a piece of one, is left out of the text.
type Error struct {
	Op    string    // what was being done, such as "load"
	Table string    // the table of the sessions
	Kind  ErrorKind // what kind of error it is
	Err   error     // the driver's

	withheld bool
	dotted   bool // whether the dot in the table's name may be the mistake
	inTx     bool
}

// Error names what was being done and the table, and says what to do where a
// table or column is missing.
func (e *Error) Error() string {
	text := "message withheld, since it quotes the session"
	if !e.withheld {
		text = e.Err.Error()
	}
	switch e.Kind {
	case KindInDoubt:
		return fmt.Sprintf("dbstore: %s: table %q: it is not known whether this was stored: %s", e.Op, e.Table, text)
	case KindUndefined:
		return fmt.Sprintf("dbstore: %s: table %q is missing or lacks a column of the session model; run the site's migrations, or name the table with WithTable%s: %s", e.Op, e.Table, e.quoting(), text)
	}
	return fmt.Sprintf("dbstore: %s: table %q%s: %s", e.Op, e.Table, e.quoting(), text)
}

// quoting says what to do about a dot.
func (e *Error) quoting() string {
	if e.dotted {
		return " (in quotes, if the dot is part of the name)"
	}
	return ""
}

// Unwrap returns the driver's error.
func (e *Error) Unwrap() error { return e.Err }

// Is makes a transient error inside a transaction, which must be run again as a whole, a
// django.ErrConflict, and a write whose outcome is unknown a django.ErrOutcomeUnknown.
func (e *Error) Is(target error) bool {
	return target == django.ErrConflict && e.Kind == KindTransient && e.inTx ||
		target == django.ErrOutcomeUnknown && e.Kind == KindInDoubt
}

// fail wraps a driver's error; secrets are what its message must not quote.
func (s *Store) fail(op string, err error, secrets ...string) error {
	if err == nil {
		return nil
	}
	return &Error{
		Op:       op,
		Table:    s.opts.table,
		Kind:     s.db.KindOf(err),
		Err:      err,
		withheld: sqldb.Quotes(err, secrets...),
		dotted:   strings.Contains(s.opts.table, ".") && !strings.ContainsAny(s.opts.table, "\"`") && sqldb.RefusesName(err),
		inTx:     s.db.InTx,
	}
}
