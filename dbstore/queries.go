package dbstore

import "strings"

// queries are the statements without extra columns, made once. Each lists its parameters in
// the order in which they stand.
type queries struct {
	load    string // key, now: key, data
	taken   string // key: key
	create  string // data, expires, key, and the key again where it is looked for
	insert  string // data, expires, key
	save    string // data, expires, key, old data
	touch   string // expires, key, old data
	move    string // new key, data, expires, key, old data, and the new key again where it is looked for
	current string // expires, key: data, whether it expires then
	delete  string // key, for MySQL twice
	clear   string // now, rows at the most, for PostgreSQL now again
	// clearRows is clear for SQLite, except in a table without row ids.
	clearRows string // now, rows at the most
	expired   string // now: how many
	newest    string // now, rows at the most: data, and what shows that the other columns exist
}

func makeQueries(d Dialect, table string, model []string, inTx bool) queries {
	t := d.Quote(table)
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
		taken:   "SELECT session_key FROM " + t + " WHERE session_key = ? LIMIT 1",
		current: "SELECT session_data, " + expires + " FROM " + t + " WHERE session_key = ?" + lock,
		delete:  "DELETE FROM " + t + " WHERE session_key = ?",
		expired: "SELECT COUNT(*) FROM " + t + " WHERE expire_date < ?",
		newest:  "SELECT session_data, session_key",
	}
	switch d {
	case MySQL:
		q.delete += " AND " + d.Equal("session_key")
		q.clear = "DELETE FROM " + t + " WHERE expire_date < ? LIMIT ?"
	case SQLite:
		// In the order in which the rows lie, so that each page is written once.
		q.clearRows = "DELETE FROM " + t + " WHERE rowid IN (SELECT rowid FROM " + t + " WHERE expire_date < ? ORDER BY rowid LIMIT ?)"
		q.clear = "DELETE FROM " + t + " WHERE session_key IN (SELECT session_key FROM " + t + " WHERE expire_date < ? LIMIT ?)"
	default:
		// Another writer may prolong a session between the two.
		q.clear = "DELETE FROM " + t + " WHERE session_key IN (SELECT session_key FROM " + t + " WHERE expire_date < ? LIMIT ?) AND expire_date < ?"
	}
	for _, column := range model {
		// SQLite takes a lone name in double quotes for a text where there is no such column.
		q.newest += ", s." + d.QuoteColumn(column) + " IS NULL"
	}
	q.newest += " FROM " + t + " AS s WHERE expire_date > ? ORDER BY expire_date DESC LIMIT ?"
	for _, s := range []*string{&q.load, &q.taken, &q.current, &q.delete, &q.clear, &q.expired, &q.newest} {
		*s = d.Bind(*s)
	}
	q.create, q.insert = insertQuery(d, table, nil, true), insertQuery(d, table, nil, false)
	q.save = updateQuery(d, table, nil, "session_data", "expire_date")
	q.touch = updateQuery(d, table, nil, "expire_date")
	q.move = updateQuery(d, table, nil, "session_key", "session_data", "expire_date")
	return q
}

// insertQuery inserts the extra columns, data, expiry and key, in this order. With guard, a
// key that is taken inserts nothing, where the database can do that in one statement: not
// ON CONFLICT (session_key), for which a table that is partitioned by something else has no unique
// index.
func insertQuery(d Dialect, table string, extra []string, guard bool) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + d.Quote(table) + " (")
	for _, column := range extra {
		b.WriteString(d.QuoteColumn(column) + ", ")
	}
	b.WriteString("session_data, expire_date, session_key) ")
	values := strings.Repeat("?, ", len(extra)) + "?, ?, ?"
	if guard && d != MySQL {
		b.WriteString("SELECT " + values + " WHERE " + untaken(d, table) + " ON CONFLICT DO NOTHING")
	} else {
		b.WriteString("VALUES (" + values + ")")
	}
	return d.Bind(b.String())
}

// updateQuery sets columns and the extra ones, in this order, of the row with a key and
// data. A key that is set must not be taken, where the database can check that.
func updateQuery(d Dialect, table string, extra []string, columns ...string) string {
	var b strings.Builder
	b.WriteString("UPDATE " + d.Quote(table) + " SET ")
	for i, column := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(column + " = ?")
	}
	for _, column := range extra {
		b.WriteString(", " + d.QuoteColumn(column) + " = ?")
	}
	b.WriteString(" WHERE session_key = ? AND " + d.Equal("session_data"))
	if columns[0] == "session_key" && d != MySQL {
		b.WriteString(" AND " + untaken(d, table))
	}
	return d.Bind(b.String())
}

func untaken(d Dialect, table string) string {
	return "NOT EXISTS (SELECT 1 FROM " + d.Quote(table) + " AS taken WHERE taken.session_key = ?)"
}
