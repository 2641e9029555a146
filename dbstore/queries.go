package dbstore

import "strings"

// queries are the statements, made once. Each lists its parameters in the order
// in which they stand.
type queries struct {
	load    string // key, now: key, data
	insert  string // key, data, expires
	save    string // data, expires, key, old data
	touch   string // expires, key, old data
	move    string // new key, data, expires, key, old data
	current string // expires, key: data, whether it expires then
	delete  string // key, for MySQL twice
	clear   string // now, rows at the most
	expired string // now: how many
}

func makeQueries(d Dialect, table string, inTx bool) queries {
	t := d.Quote(table)
	// Under MySQL's default collations texts that differ in case only are equal.
	same := "session_data = ?"
	if d == MySQL {
		same = "CAST(session_data AS BINARY) = CAST(? AS BINARY)"
	}
	// A column that a Django before 1.8 made on MySQL holds whole seconds.
	expires := "expire_date = ?"
	if d == MySQL {
		expires = "COALESCE(ABS(TIMESTAMPDIFF(MICROSECOND, expire_date, ?)) < 1000000, FALSE)"
	}
	// A snapshot of MySQL's repeats the row as it was, unless it is locked.
	lock := ""
	if d == MySQL && inTx {
		lock = " FOR UPDATE"
	}
	q := queries{
		load:    "SELECT session_key, session_data FROM " + t + " WHERE session_key = ? AND expire_date > ?",
		insert:  insertQuery(d, table, nil),
		save:    "UPDATE " + t + " SET session_data = ?, expire_date = ? WHERE session_key = ? AND " + same,
		touch:   "UPDATE " + t + " SET expire_date = ? WHERE session_key = ? AND " + same,
		move:    "UPDATE " + t + " SET session_key = ?, session_data = ?, expire_date = ? WHERE session_key = ? AND " + same,
		current: "SELECT session_data, " + expires + " FROM " + t + " WHERE session_key = ?" + lock,
		delete:  "DELETE FROM " + t + " WHERE session_key = ?",
		clear:   "DELETE FROM " + t + " WHERE session_key IN (SELECT session_key FROM " + t + " WHERE expire_date < ? LIMIT ?) AND expire_date < ?",
		expired: "SELECT COUNT(*) FROM " + t + " WHERE expire_date < ?",
	}
	if d == MySQL {
		q.delete += " AND CAST(session_key AS BINARY) = CAST(? AS BINARY)"
		q.clear = "DELETE FROM " + t + " WHERE expire_date < ? LIMIT ?"
	}
	for _, s := range []*string{&q.load, &q.save, &q.touch, &q.move, &q.current, &q.delete, &q.clear, &q.expired} {
		*s = d.Bind(*s)
	}
	return q
}

// insertQuery inserts Django's three columns and then the extra ones; where the
// database can say so, a key that is taken inserts nothing.
func insertQuery(d Dialect, table string, extra []string) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + d.Quote(table) + " (session_key, session_data, expire_date")
	for _, column := range extra {
		b.WriteString(", " + d.Quote(column))
	}
	b.WriteString(") VALUES (?, ?, ?" + strings.Repeat(", ?", len(extra)) + ")")
	if d != MySQL {
		b.WriteString(" ON CONFLICT (session_key) DO NOTHING")
	}
	return d.Bind(b.String())
}
