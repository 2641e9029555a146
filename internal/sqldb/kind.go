package sqldb

import (
	"errors"
	"slices"
	"strings"
)

// Kind is what has to be known of a database's error.
type Kind int

// The kinds of errors.
const (
	// KindOther is every other error: the database failed.
	KindOther Kind = iota
	// KindTransient: the statement did nothing and may be sent again: a busy
	// SQLite, a deadlock, a lock that took too long, a serialization failure, a prepared
	// statement that the server has dropped, too many connections, a server that starts.
	KindTransient
	// KindDuplicate: the row's key is taken, or, on PostgreSQL and MySQL, the value of another
	// unique column.
	KindDuplicate
	// KindUndefined: there is no such table or column.
	KindUndefined
	// KindInDoubt: the connection broke or the context ended while a write was under
	// way. It may have taken effect, or still will.
	KindInDoubt
)

// KindOf tells the kind of a driver's error without knowing the driver.
func (db *Database) KindOf(err error) Kind {
	if _, ok := errors.AsType[inDoubt](err); ok {
		return KindInDoubt
	}
	if kind, ok := db.classified(err); ok {
		return kind
	}
	if state, ok := stateOf(err); ok {
		return kindOfState(state, err)
	}
	if number, ok := numberOf(err); ok {
		return kindOfMySQL(number, err.Error())
	}
	return kindOfSQLite(err, db.key)
}

// classified asks the caller's function, if there is one.
func (db *Database) classified(err error) (Kind, bool) {
	if db.classify == nil {
		return KindOther, false
	}
	kind := db.classify(err)
	return kind, kind != KindOther
}

func kindOfState(state string, err error) Kind {
	switch state {
	// 53300: too many connections; 57P03: the server starts or stops. CockroachDB's old
	// ones are in a class of its own.
	case "40001", "40P01", "55P03", "53300", "57P03", "CR000", stateNoStatement, stateHasStatement:
		return KindTransient
	case stateUnsupported:
		if cachedPlan(err) {
			return KindTransient
		}
	case "23505":
		return KindDuplicate
	case "42P01", "42703":
		return KindUndefined
	}
	return KindOther
}

func kindOfMySQL(number int, text string) Kind {
	switch number {
	// 1040, 1203: too many connections, and the pool of Vitess is exhausted; 1637: too
	// many transactions; 3101: a group rolled the commit back.
	case 1020, 1040, 1203, 1205, 1213, 1637, 3101, 3572, numberNeedsPrepare:
		return KindTransient
	case 1105:
		// Vitess, while a primary is being replaced: it has not begun.
		if strings.Contains(text, "operation not allowed in state ") {
			return KindTransient
		}
	case 1226:
		// The others are quotas of an hour.
		if strings.Contains(text, "max_user_connections") {
			return KindTransient
		}
	case 1062:
		return KindDuplicate
	case 1054, 1146:
		return KindUndefined
	}
	return KindOther
}

func kindOfSQLite(err error, key string) Kind {
	const busy, locked, protocol = 5, 6, 15 // the last: others were faster to lock the WAL
	if code, ok := codeOf(err); ok && (code == busy || code == locked || code == protocol || code == codeSchema) {
		return KindTransient
	}
	text := err.Error()
	switch {
	case strings.Contains(text, "database is locked"), strings.Contains(text, "database table is locked"):
		return KindTransient
	case strings.Contains(text, "no such table"), strings.Contains(text, "no such column"), strings.Contains(text, "has no column named"):
		return KindUndefined
	case strings.Contains(text, "UNIQUE constraint failed") && strings.Contains(text, "."+key):
		return KindDuplicate
	}
	return KindOther
}

// RefusesName reports whether a database's error may be about the name of the table: that
// there is none, that it is no syntax or that its schema may not be used.
func RefusesName(err error) bool {
	if state, ok := stateOf(err); ok {
		return strings.HasPrefix(state, "42") || state == stateUnsupported || state == "3F000"
	}
	if number, ok := numberOf(err); ok {
		return slices.Contains([]int{1044, 1049, 1054, 1064, 1142, 1146}, number)
	}
	text := err.Error()
	return strings.Contains(text, "no such table") || strings.Contains(text, "syntax error") || strings.Contains(text, "unknown database")
}
