package sqldb

import (
	"fmt"
	"strings"
)

// Dialect is the SQL that a database speaks.
type Dialect int

// The dialects. MySQL is MariaDB's, too.
const (
	Unknown Dialect = iota
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
	return Unknown
}

// Quote quotes an identifier, with its schema if it has one.
func (d Dialect) Quote(name string) string {
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

// Bind writes a statement's placeholders, given as "?" outside of quoted names,
// as the database has them.
func (d Dialect) Bind(query string) string {
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
