package dbstore

import (
	"errors"
	"fmt"
	"strings"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/sqldb"
)

// ErrorKind says what a database's error means for the caller.
type ErrorKind int

// The kinds of errors.
const (
	// KindOther is every other error: the database failed, and nothing was stored.
	KindOther = ErrorKind(sqldb.KindOther)
	// KindTransient: the statement did nothing and can be retried: a busy SQLite, a deadlock,
	// a lock timeout, a serialization failure, too many connections, a server that starts.
	KindTransient = ErrorKind(sqldb.KindTransient)
	// KindDuplicate: the key, or the value of another unique column, is taken.
	KindDuplicate = ErrorKind(sqldb.KindDuplicate)
	// KindUndefined: there is no such table or column.
	KindUndefined = ErrorKind(sqldb.KindUndefined)
	// KindOutcomeUnknown: the connection broke or the context ended while a write was under
	// way. It may have taken effect, or still may.
	KindOutcomeUnknown = ErrorKind(sqldb.KindOutcomeUnknown)
)

// Error is a failure of the database, in this package, auth/usertable or cachestore/dbcache. Its text holds no
// keys, data, users or column values: a message of the database that may quote them is replaced
// by its code. The driver's error, which Error unwraps to, may hold them: do not log that one.
type Error struct {
	Package string    // "dbstore", "usertable" or "dbcache"
	Op      string    // what failed, such as "load"
	Table   string    // the table of the sessions or users
	Kind    ErrorKind // what kind of error it is
	Err     error     // why, without values
	Hint    string    // what to do, if that is known
}

// Error implements error.
func (e *Error) Error() string {
	text := fmt.Sprintf("%s: %s: table %q: ", e.Package, e.Op, e.Table)
	if e.Kind == KindOutcomeUnknown {
		text += "it is not known whether this was stored: "
	}
	text += e.Err.Error()
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Is makes a transient error in the caller's transaction, which must be run again as a whole, a
// django.ErrConflict, and a write whose outcome is unknown a django.ErrOutcomeUnknown.
func (e *Error) Is(target error) bool {
	switch target {
	case django.ErrConflict:
		failed, ok := errors.AsType[*sqldb.Error](e.Err)
		return ok && failed.InTx && e.Kind == KindTransient
	case django.ErrOutcomeUnknown:
		return e.Kind == KindOutcomeUnknown
	}
	return false
}

// fail returns err as an *Error; nil stays nil.
func (s *Store) fail(op string, err error) error {
	if err == nil {
		return nil
	}
	e := &Error{Package: "dbstore", Op: op, Table: s.opts.table, Kind: ErrorKind(sqldb.KindOf(err)), Err: err}
	if e.Kind == KindUndefined {
		e.Hint = "run the site's migrations, or name the table of the session model with WithTable"
	}
	if strings.Contains(e.Table, ".") && !strings.ContainsAny(e.Table, "\"`") && sqldb.RefusesName(err) {
		e.Hint = "run the site's migrations, or name the table with WithTable (in quotes, if the dot is part of the name)"
	}
	if op == "save" && sqldb.Unsupported(err) && !s.sharded.Load() {
		e.Hint = "if the table is sharded by session_key, open the store with WithShardedByKey"
	}
	return e
}
