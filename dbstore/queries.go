package dbstore

import (
	"strings"

	"github.com/djsession/djsession/internal/sqldb"
)

// queries are the statements. Each lists its parameters in the order in which they stand. The
// first is never an extra column.
type queries struct {
	dialect sqldb.Dialect
	table   string // quoted

	load        string // key, on MySQL twice, now: data
	taken       string // key: 1
	exists      string // key, on MySQL twice: 1
	current     string // expires, key: data, whether it expires then
	delete      string // key, on MySQL twice
	deleteHeld  string // key, data
	clearRows   string // on SQLite: now, row ids in JSON
	expiredRows string // on SQLite: now, maximum of rows: row ids
	expiredKeys string // now, maximum of rows: keys
	expired     string // now: how many
	newest      string // now, maximum of rows: data, key, and whether the model's columns exist
	recent      string // now, latest expiry, maximum of rows: as newest

	// Those without extra columns.
	create, save, touch, move string
}

func makeQueries(d sqldb.Dialect, table string, model []string, inTx bool) queries {
	q := queries{dialect: d, table: d.Quote(table)}
	// Columns that a Django before 1.8 made on MySQL hold whole seconds.
	expires, lock := "expire_date = ?", ""
	if d == sqldb.MySQL {
		expires = "COALESCE(ABS(TIMESTAMPDIFF(MICROSECOND, expire_date, ?)) < 1000000, FALSE)"
		if inTx { // else the transaction's snapshot repeats the row as it was
			lock = " FOR UPDATE"
		}
	}
	exactly := exactly(d, "session_key")
	q.load = q.make("SELECT session_data FROM $T WHERE " + exactly + " AND expire_date > ?")
	q.taken = q.make("SELECT 1 FROM $T WHERE session_key = ? LIMIT 1")
	q.exists = q.make("SELECT 1 FROM $T WHERE " + exactly + " LIMIT 1")
	q.current = q.make("SELECT session_data, " + expires + " FROM $T WHERE session_key = ?" + lock)
	q.delete = q.make("DELETE FROM $T WHERE " + exactly)
	q.deleteHeld = q.make("DELETE FROM $T WHERE " + holds(d))
	q.expired = q.make("SELECT COUNT(*) FROM $T WHERE expire_date < ?")
	q.expiredKeys = q.make("SELECT session_key FROM $T WHERE expire_date < ? LIMIT ?")
	q.expiredRows = q.make("SELECT rowid FROM $T WHERE expire_date < ? LIMIT ?")
	q.clearRows = q.make("DELETE FROM $T WHERE +expire_date < ? AND rowid IN (SELECT value FROM json_each(?))") // + rules its index out
	sample := "SELECT session_data, session_key"
	for _, column := range model {
		// Without "s." SQLite takes the name of a column that it lacks for a text.
		sample += ", s." + d.QuoteColumn(column) + " IS NULL"
	}
	sample += " FROM $T AS s WHERE expire_date > ?"
	q.newest = q.make(sample + " ORDER BY expire_date DESC LIMIT ?")
	q.recent = q.make(sample + " AND expire_date <= ? ORDER BY expire_date DESC LIMIT ?")

	q.create = q.insert(nil)
	q.save = q.update(nil, saveColumns...)
	q.touch = q.update(nil, touchColumns...)
	q.move = q.update(nil, moveColumns...)
	return q
}

// The columns of an UPDATE.
var (
	saveColumns  = []string{"session_data", "expire_date"}
	touchColumns = []string{"expire_date"}
	moveColumns  = []string{"session_key", "session_data", "expire_date"}
)

// exactly returns the condition that a column is a key, in the same case on MySQL too.
func exactly(d sqldb.Dialect, column string) string {
	if d == sqldb.MySQL {
		return column + " = ? AND " + d.Equal(column)
	}
	return column + " = ?"
}

// holds returns the condition that the row with a key has exactly this data, where NULL counts as "".
func holds(d sqldb.Dialect) string {
	return "session_key = ? AND " + d.Equal("COALESCE(session_data, '')")
}

// make returns a statement with the table in the place of $T.
func (q *queries) make(text string) string {
	return q.dialect.Bind(strings.ReplaceAll(text, "$T", q.table))
}

// clearKeys returns the statement that deletes those of n rows that have expired: now, n keys.
func (q *queries) clearKeys(n int) string {
	return q.make("DELETE FROM $T WHERE expire_date < ? AND session_key IN (?" + strings.Repeat(", ?", n-1) + ")")
}

// untaken returns the condition that a key is free.
func (q *queries) untaken() string {
	return "NOT EXISTS (SELECT 1 FROM " + q.table + " AS taken WHERE taken.session_key = ?)"
}

// insert returns the statement that inserts data, expiry, key and the extra columns. It
// inserts nothing if the key is taken, and has the key as a further parameter to check that,
// except on MySQL, where such a statement takes locks on which inserts deadlock.
func (q *queries) insert(extra []string) string {
	columns := "session_data, expire_date, session_key"
	for _, column := range extra {
		columns += ", " + q.dialect.QuoteColumn(column)
	}
	values := "?, ?, ?" + strings.Repeat(", ?", len(extra))
	if q.dialect == sqldb.MySQL {
		return "INSERT INTO " + q.table + " (" + columns + ") VALUES (" + values + ")"
	}
	return q.dialect.Bind("INSERT INTO " + q.table + " (" + columns + ") SELECT " + values + " WHERE " + q.untaken())
}

// update returns the statement that sets columns and the extra ones in the row with a key and
// data, where NULL counts as "". A new key must not be taken: its parameter comes again at the
// end, except on MySQL.
func (q *queries) update(extra []string, columns ...string) string {
	set := make([]string, 0, len(columns)+len(extra))
	for _, column := range columns {
		set = append(set, column+" = ?")
	}
	for _, column := range extra {
		set = append(set, q.dialect.QuoteColumn(column)+" = ?")
	}
	where := holds(q.dialect)
	if columns[0] == "session_key" && q.dialect != sqldb.MySQL {
		where += " AND " + q.untaken()
	}
	return q.dialect.Bind("UPDATE " + q.table + " SET " + strings.Join(set, ", ") + " WHERE " + where)
}
