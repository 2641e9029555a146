package usertable

import (
	"fmt"
	"strings"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/sqldb"
)

// Error is a failure of the database. It names the table and wraps the driver's
// error; a driver's message that quotes the user's name, key or password is left
// out of the text, except for one so short that it may be there by chance. A value that
// cannot be converted is not quoted; the error names its column.
type Error struct {
	Op    string            // what was being done, such as "by id"
	Table string            // the table of the users
	Kind  dbstore.ErrorKind // the kind of failure
	Err   error             // the driver's

	advice   string
	withheld bool
	inTx     bool
}

// Error names what was being done and the table, and says what to do where a
// table or column is missing.
func (e *Error) Error() string {
	text := "message withheld, since it quotes the user"
	if !e.withheld {
		text = e.Err.Error()
	}
	return fmt.Sprintf("usertable: %s: table %q%s: %s", e.Op, e.Table, e.advice, text)
}

// Unwrap returns the driver's error.
func (e *Error) Unwrap() error { return e.Err }

// Is makes a transient error inside a transaction, where no statement is retried, a
// django.ErrConflict: roll back and run the transaction again.
func (e *Error) Is(target error) bool {
	return target == django.ErrConflict && e.Kind == dbstore.KindTransient && e.inTx
}

const tableAdvice = " is missing or lacks a column of the user model; run the site's migrations, or describe the model with WithTable, WithColumns and WithActiveColumn"

// fail wraps a driver's error; id and the secrets are what its message must not
// quote.
func (t *Table) fail(op string, err error, id string, secrets ...string) error {
	if err == nil {
		return nil
	}
	return t.newError(op, err, tableAdvice, id, secrets...)
}

// newError is fail with what to say where a table or column is missing.
func (t *Table) newError(op string, err error, advice, id string, secrets ...string) *Error {
	// Of a UUID the driver has the digits alone, and the server may write hyphens.
	secrets = append(secrets, id, strings.ReplaceAll(id, "-", ""))
	e := &Error{
		Op:       op,
		Table:    t.opts.table,
		Kind:     t.db.KindOf(err),
		Err:      err,
		withheld: sqldb.Quotes(err, secrets...),
		inTx:     t.db.InTx,
	}
	if e.Kind == dbstore.KindUndefined {
		e.advice = advice
	}
	return e
}
