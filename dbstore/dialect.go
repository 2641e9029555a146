package dbstore

import (
	"fmt"
	"strings"
	"time"
)

// Dialect is the SQL that a database speaks.
type Dialect int

// The dialects. MySQL is MariaDB's, too.
const (
	dialectUnknown Dialect = iota
	PostgreSQL
	MySQL
	SQLite
)

// String returns the dialect's name, such as "PostgreSQL".
func (d Dialect) String() string {
	switch d {
	case PostgreSQL:
		return "PostgreSQL"
	case MySQL:
		return "MySQL"
	case SQLite:
		return "SQLite"
	}
	return fmt.Sprintf("Dialect(%d)", int(d))
}

// dialectOf goes by the names under which drivers register.
func dialectOf(driver string) Dialect {
	for _, known := range []struct {
		part string
		d    Dialect
	}{
		{"sqlite", SQLite}, {"mysql", MySQL}, {"mariadb", MySQL},
		{"postgres", PostgreSQL}, {"pgx", PostgreSQL}, {"pq", PostgreSQL},
	} {
		if strings.Contains(strings.ToLower(driver), known.part) {
			return known.d
		}
	}
	return dialectUnknown
}

// quote quotes an identifier, with its schema if it has one.
func (d Dialect) quote(name string) string {
	q := `"`
	if d == MySQL {
		q = "`"
	}
	parts := strings.Split(name, ".")
	for i, p := range parts {
		parts[i] = q + strings.ReplaceAll(p, q, q+q) + q
	}
	return strings.Join(parts, ".")
}

// bind writes a statement's placeholders, given as "?" outside of quoted names,
// as the database has them.
func (d Dialect) bind(query string) string {
	if d != PostgreSQL {
		return query
	}
	var b strings.Builder
	n, quoted := 0, false
	for i := range len(query) {
		if query[i] == '"' {
			quoted = !quoted
		}
		if query[i] == '?' && !quoted {
			n++
			fmt.Fprintf(&b, "$%d", n)
		} else {
			b.WriteByte(query[i])
		}
	}
	return b.String()
}

// clock converts between instants and a column's notion of time.
type clock struct {
	naive *time.Location // nil where the column knows the zone itself
}

const (
	naiveSeconds = "2006-01-02 15:04:05"
	naiveMicros  = "2006-01-02 15:04:05.000000"
)

// param is t as Django would bind it: an instant, or the text of a naive time,
// which has no fraction when that is 0. SQLite compares it as text.
func (c clock) param(t time.Time) any {
	t = t.Truncate(time.Microsecond)
	if c.naive == nil {
		return t.UTC()
	}
	t = t.In(c.naive)
	if t.Nanosecond() == 0 {
		return t.Format(naiveSeconds)
	}
	return t.Format(naiveMicros)
}

// parse is the reverse of param. MySQL pads the fraction with zeros.
func (c clock) parse(column any) (time.Time, error) {
	switch v := column.(type) {
	case time.Time:
		return v.UTC(), nil
	case []byte:
		return c.parse(string(v))
	case string:
		t, err := time.ParseInLocation(naiveSeconds, v, c.location())
		if err != nil {
			return t, fmt.Errorf("a time in expire_date is not of Django's form YYYY-MM-DD HH:MM:SS[.ffffff]")
		}
		return t.UTC(), nil
	}
	return time.Time{}, fmt.Errorf("expire_date is a %T, not a time", column)
}

func (c clock) location() *time.Location {
	if c.naive == nil {
		return time.UTC
	}
	return c.naive
}
