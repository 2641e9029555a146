package sqldb

import (
	"fmt"
	"strings"
)

// Dialect is the SQL that a database speaks.
type Dialect int

// The dialects. MySQL is also that of MariaDB.
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

// Quote quotes the name of a table for a statement; see [Dialect.Names] for its parts.
// Whatever is in them is part of a name: nothing gets out of the quotes.
func (d Dialect) Quote(name string) string { return d.join(d.Names(name)) }

// QuoteRelated quotes the name of a table that Django derives from another one's by a
// suffix, such as "_groups".
func (d Dialect) QuoteRelated(name, suffix string) string {
	parts := d.Names(name)
	parts[len(parts)-1] += suffix
	return d.join(parts)
}

// Names returns the parts of a table's name, the table last. A dot separates it from its
// schema. As in Django's db_table, a name that stands in the database's own quotes is one
// name, dots and all ("a.b", with the quotes), and quotes around the dot alone separate,
// too (tenant1"."orders).
func (d Dialect) Names(name string) []string {
	q := d.quote()
	if parts, ok := quotedParts(name, q); ok {
		return parts
	}
	// Django puts quotes around the whole.
	if parts, ok := quotedParts(q+name+q, q); ok && len(parts) > 1 {
		return parts
	}
	return strings.Split(name, ".")
}

// QuoteColumn quotes the name of a column, which has no parts.
func (d Dialect) QuoteColumn(name string) string { return d.join([]string{name}) }

func (d Dialect) quote() string {
	if d == MySQL {
		return "`"
	}
	return `"`
}

func (d Dialect) join(parts []string) string {
	q := d.quote()
	quoted := make([]string, len(parts))
	for i, p := range parts {
		quoted[i] = q + strings.ReplaceAll(p, q, q+q) + q
	}
	return strings.Join(quoted, ".")
}

// quotedParts splits names in quotes with dots in between; a quote within a name is doubled.
func quotedParts(text, q string) (parts []string, ok bool) {
	for {
		rest, quoted := strings.CutPrefix(text, q)
		if !quoted {
			return nil, false
		}
		var part strings.Builder
		for {
			before, after, closed := strings.Cut(rest, q)
			if !closed {
				return nil, false
			}
			part.WriteString(before)
			if rest = after; !strings.HasPrefix(rest, q) {
				break
			}
			part.WriteString(q)
			rest = rest[len(q):]
		}
		if part.Len() == 0 {
			return nil, false
		}
		parts = append(parts, part.String())
		if rest == "" {
			return parts, true
		}
		if text, ok = strings.CutPrefix(rest, "."); !ok {
			return nil, false
		}
	}
}

// Equal is the condition that expr, a column of text, equals a parameter exactly: under
// MySQL's default collations texts that differ in case or in blanks at the end are equal.
// The column may be in any character set.
func (d Dialect) Equal(expr string) string {
	if d == MySQL {
		return "CAST(CONVERT(" + expr + " USING utf8mb4) AS BINARY) = CAST(CONVERT(? USING utf8mb4) AS BINARY)"
	}
	return expr + " = ?"
}

// Bind writes a statement's placeholders, given as "?" outside of quoted names,
// as the database has them.
func (d Dialect) Bind(query string) string {
	if d != PostgreSQL {
		return query
	}
	var b strings.Builder
	n, quoted := 0, false
	for i := range len(query) { // a doubled quote within a name changes nothing
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
