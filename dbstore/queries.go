package dbstore

import "strings"

// queries are the statements without extra columns, made once. Each lists its parameters in
// the order in which they stand.
type queries struct {
	load    string // key, now: key, data
	taken   string // key: 1
	exists  string // key, for MySQL twice: 1
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
	// anyExpired is whether there is one.
	anyExpired string // now: 1
	newest     string // now, rows at the most: data, key, and what shows that the other columns exist
	recent     string // now, the latest expiry, rows at the most: as newest
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
		load:       "SELECT session_key, session_data FROM " + t + " WHERE session_key = ? AND expire_date > ?",
		taken:      "SELECT 1 FROM " + t + " WHERE session_key = ? LIMIT 1",
		exists:     "SELECT 1 FROM " + t + " WHERE session_key = ?",
		current:    "SELECT session_data, " + expires + " FROM " + t + " WHERE session_key = ?" + lock,
		delete:     "DELETE FROM " + t + " WHERE session_key = ?",
		expired:    "SELECT COUNT(*) FROM " + t + " WHERE expire_date < ?",
		anyExpired: "SELECT 1 FROM " + t + " WHERE expire_date < ? LIMIT 1",
		newest:     "SELECT session_data, session_key",
	}
	switch d {
	case MySQL:
		q.delete += " AND " + d.Equal("session_key")
		q.exists += " AND " + d.Equal("session_key")
		q.clear = "DELETE FROM " + t + " WHERE expire_date < ? LIMIT ?"
	case SQLite:
		// In the order of the row ids, so that SQLite writes each page of the table once.
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
	q.newest += " FROM " + t + " AS s WHERE expire_date > ?"
	q.recent = q.newest + " AND expire_date <= ? ORDER BY expire_date DESC LIMIT ?"
	q.newest += " ORDER BY expire_date DESC LIMIT ?"
	q.exists += " LIMIT 1"
	for _, s := range []*string{&q.load, &q.taken, &q.exists, &q.current, &q.delete, &q.clear, &q.expired, &q.anyExpired, &q.newest, &q.recent} {
		*s = d.Bind(*s)
	}
	q.create, q.insert = createQuery(d, table, nil, inTx), insertQuery(d, table, nil)
	q.save = updateQuery(d, table, nil, "session_data", "expire_date")
	q.touch = updateQuery(d, table, nil, "expire_date")
	q.move = updateQuery(d, table, nil, "session_key", "session_data", "expire_date")
	return q
}

// insertQuery inserts the extra columns, data, expiry and key, in this order.
func insertQuery(d Dialect, table string, extra []string) string {
	columns, values := insertParts(d, table, extra)
	return d.Bind(columns + "VALUES (" + values + ")")
}

// createQuery is insertQuery for PostgreSQL and SQLite that inserts nothing if the key is
// taken. It is not ON CONFLICT (session_key), for which a table that is partitioned by
// something else has no unique index. In a transaction of PostgreSQL, which could do nothing
// after the error of a table that takes no ON CONFLICT, it goes without.
func createQuery(d Dialect, table string, extra []string, inTx bool) string {
	columns, values := insertParts(d, table, extra)
	query := columns + "SELECT " + values + " WHERE " + untaken(d, table)
	if !inTx || d != PostgreSQL {
		query += " ON CONFLICT DO NOTHING"
	}
	return d.Bind(query)
}

func insertParts(d Dialect, table string, extra []string) (columns, values string) {
	var b strings.Builder
	b.WriteString("INSERT INTO " + d.Quote(table) + " (")
	for _, column := range extra {
		b.WriteString(d.QuoteColumn(column) + ", ")
	}
	b.WriteString("session_data, expire_date, session_key) ")
	return b.String(), strings.Repeat("?, ", len(extra)) + "?, ?, ?"
}

// updateQuery sets columns and the extra ones, in this order, of the row with a key and
// data, where NULL is read as "". A key that is set must not be taken, where the database
// can check that.
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
	b.WriteString(" WHERE session_key = ? AND " + d.Equal("COALESCE(session_data, '')"))
	if columns[0] == "session_key" && d != MySQL {
		b.WriteString(" AND " + untaken(d, table))
	}
	return d.Bind(b.String())
}

func untaken(d Dialect, table string) string {
	return "NOT EXISTS (SELECT 1 FROM " + d.Quote(table) + " AS taken WHERE taken.session_key = ?)"
}
