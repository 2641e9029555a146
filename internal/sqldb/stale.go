package sqldb

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// What databases answer to a statement that was prepared before a migration changed
// the table, or that a pooler in between does not know.
const (
	stateUnsupported   = "0A000" // PostgreSQL: cached plan must not change result type, among others
	stateNoStatement   = "26000" // PostgreSQL: prepared statement does not exist
	stateHasStatement  = "42P05" // PostgreSQL: prepared statement already exists
	numberNeedsPrepare = 1615    // MySQL: prepared statement needs to be re-prepared
	codeSchema         = 17      // SQLite: database schema has changed
)

// stale reports whether a connection refused a statement because of what it remembers
// of it. Nothing was done, and drivers then prepare the statement anew, so that each
// connection of a pool refuses it once.
func stale(err error) bool {
	if state, ok := stateOf(err); ok {
		return pooledState(state) || state == stateUnsupported && cachedPlan(err)
	}
	if number, ok := numberOf(err); ok {
		return number == numberNeedsPrepare
	}
	code, ok := codeOf(err)
	return ok && code == codeSchema
}

// pooledState reports whether the server connection has other prepared statements than the
// driver believes.
func pooledState(state string) bool { return state == stateNoStatement || state == stateHasStatement }

// cachedPlan reports whether PostgreSQL says that a cached plan must not change its result
// type. The text is in the server's language; the name of the routine, a field of
// pgx's and lib/pq's errors, is not.
func cachedPlan(err error) bool {
	if strings.Contains(err.Error(), "cached plan") {
		return true
	}
	var state interface{ SQLState() string }
	if !errors.As(err, &state) {
		return false
	}
	v := reflect.Indirect(reflect.ValueOf(state))
	if v.Kind() != reflect.Struct {
		return false
	}
	routine := v.FieldByName("Routine")
	return routine.Kind() == reflect.String && routine.String() == "RevalidateCachedQuery"
}

// unprepared reports whether err is stale, unless the caller's function knows better.
func (db *Database) unprepared(err error) bool { return stale(err) && db.KindOf(err) != KindInDoubt }

// advise adds what to do about an error that retrying did not help against.
func advise(err error) error {
	if state, ok := stateOf(err); ok && pooledState(state) {
		return fmt.Errorf("%w (behind a pooler such as PgBouncer in transaction mode, pgx needs default_query_exec_mode=exec in the DSN)", err)
	}
	return err
}

// RefusesOnConflict reports whether the table takes no INSERT with ON CONFLICT: on
// PostgreSQL one with rules, on SQLite a view with triggers.
func RefusesOnConflict(err error) bool {
	if state, ok := stateOf(err); ok {
		return state == stateUnsupported && !cachedPlan(err)
	}
	return strings.Contains(err.Error(), "cannot UPSERT a view")
}
