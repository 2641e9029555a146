package usertable

import (
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/internal/sqldb"
)

const tableHint = "run the site's migrations, or describe the model with WithTable, WithColumns and WithActiveColumn"

// fail returns a database's error as a *dbstore.Error; nil stays nil. The hint is for a table
// or column that is missing.
func (t *Table) fail(op string, err error, hint string) error {
	if err == nil {
		return nil
	}
	e := &dbstore.Error{Package: "usertable", Op: op, Table: t.opts.table, Kind: dbstore.ErrorKind(sqldb.KindOf(err)), Err: err}
	if e.Kind == dbstore.KindUndefined {
		e.Hint = hint
	}
	return e
}
