package dbcache

import (
	"strings"

	"github.com/djsession/djsession/internal/sqldb"
)

// queries are the statements. Each lists its parameters in the order in which they stand: key is
// once or, on MySQL, twice the key. The first parameter is never a time.
type queries struct {
	load    string // key, now: value
	current string // key, now: value, as it is now
	touched string // key, value, expires: 1
	insert  string // key value expires, and except on MySQL the key again
	revive  string // value expires, key, now
	replace string // value expires, key, old value, now
	remove  string // key, old value, now
	delete  string // key
	count   string // "": how many keys, values and dates
	scan    string // last key, pattern, now, maximum of rows: key, expires
}

func makeQueries(d sqldb.Dialect, table string, inTx bool) (q queries) {
	table = d.Quote(table)
	bind := func(text string) string { return d.Bind(strings.ReplaceAll(text, "$T", table)) }
	key, lock := "cache_key = ?", ""
	if d == sqldb.MySQL { // whose collations ignore case
		key += " AND " + d.Equal("cache_key")
		if inTx { // else the transaction's snapshot repeats the row as it was
			lock = " FOR UPDATE"
		}
	}
	value := d.Equal("value")
	q.load = bind("SELECT value FROM $T WHERE " + key + " AND expires >= ?")
	q.current = q.load + lock
	q.touched = bind("SELECT 1 FROM $T WHERE "+key+" AND "+value+" AND expires = ?") + lock
	if d == sqldb.MySQL {
		q.insert = bind("INSERT INTO $T (cache_key, value, expires) VALUES (?, ?, ?)")
	} else {
		// In a transaction of PostgreSQL an error would end everything.
		q.insert = bind("INSERT INTO $T (cache_key, value, expires) SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM $T AS taken WHERE taken.cache_key = ?)")
	}
	q.revive = bind("UPDATE $T SET value = ?, expires = ? WHERE " + key + " AND expires < ?")
	q.replace = bind("UPDATE $T SET value = ?, expires = ? WHERE " + key + " AND " + value + " AND expires >= ?")
	q.remove = bind("DELETE FROM $T WHERE " + key + " AND " + value + " AND expires >= ?")
	q.delete = bind("DELETE FROM $T WHERE " + key)
	q.count = bind("SELECT COUNT(cache_key), COUNT(value), COUNT(expires) FROM $T WHERE cache_key >= ?")
	q.scan = bind("SELECT cache_key, " + d.Time("expires") + " FROM $T WHERE cache_key > ? AND cache_key LIKE ? ESCAPE '!' AND expires >= ? ORDER BY cache_key LIMIT ?")
	return q
}
