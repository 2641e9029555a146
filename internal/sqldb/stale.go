package sqldb

// What databases answer to a statement that was prepared before a migration changed
// the table, or that a pooler in between does not know.
const (
	stateUnsupported   = "0A000" // PostgreSQL: cached plan must not change result type
	stateNoStatement   = "26000" // PostgreSQL: prepared statement does not exist
	numberNeedsPrepare = 1615    // MySQL: prepared statement needs to be re-prepared
	codeSchema         = 17      // SQLite: database schema has changed
)

// stale reports whether a connection refused a statement for what it remembers of it.
// Nothing was done, and drivers then prepare the statement anew, so that each
// connection of a pool refuses it once. PostgreSQL's state also means that something is
// not supported, and its text depends on the server's language.
func stale(err error) bool {
	if state, ok := stateOf(err); ok {
		return state == stateUnsupported || state == stateNoStatement
	}
	if number, ok := numberOf(err); ok {
		return number == numberNeedsPrepare
	}
	code, ok := codeOf(err)
	return ok && code == codeSchema
}

// unprepared reports whether err is stale, unless the caller's function knows better.
func (db *Database) unprepared(err error) bool { return stale(err) && db.KindOf(err) != KindInDoubt }
