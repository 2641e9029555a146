package sqldb

import (
	"fmt"
	"regexp"
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

// dialectOf returns the dialect by the name under which a driver registers.
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

// Quote quotes the name of a table; see [Dialect.Names].
func (d Dialect) Quote(name string) string { return d.join(d.Names(name)) }

// QuoteRelated quotes the name of a table that Django derives from another one's by a
// suffix, such as "_groups".
func (d Dialect) QuoteRelated(name, suffix string) string {
	parts := d.Names(name)
	parts[len(parts)-1] += suffix
	return d.join(parts)
}

// QuoteColumn quotes the name of a column.
func (d Dialect) QuoteColumn(name string) string { return d.join([]string{name}) }

// Names returns the parts of a table's name, the table last. A dot separates it from its
// schema. As in Django's db_table, a part in the database's own quotes is one name, dots and
// all ("a.b", with the quotes), and so are the parts of tenant1"."orders.
func (d Dialect) Names(name string) []string {
	q := d.quote()
	if parts := quotedParts(name, q); parts != nil {
		return parts
	}
	// Django puts quotes around the whole.
	if parts := quotedParts(q+name+q, q); len(parts) > 1 {
		return parts
	}
	return strings.Split(name, ".")
}

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

// quoted matches names in double quotes, separated by dots; a quote in a name is doubled.
var (
	quoted = regexp.MustCompile(`(?s)\A"(?:[^"]|"")+"(?:\."(?:[^"]|"")+")*\z`)
	one    = regexp.MustCompile(`(?s)"((?:[^"]|"")+)"`)
)

// quotedParts returns the names in a text that consists of quoted names, else nil.
func quotedParts(text, q string) (parts []string) {
	swap := strings.NewReplacer(q, `"`, `"`, q)
	text = swap.Replace(text)
	if !quoted.MatchString(text) {
		return nil
	}
	for _, match := range one.FindAllStringSubmatch(text, -1) {
		parts = append(parts, swap.Replace(strings.ReplaceAll(match[1], `""`, `"`)))
	}
	return parts
}

// Equal returns the condition that expr, a column of text in any character set, equals a
// parameter exactly: MySQL's default collations ignore case and trailing blanks.
func (d Dialect) Equal(expr string) string {
	if d == MySQL {
		return "CAST(CONVERT(" + expr + " USING utf8mb4) AS BINARY) = CAST(CONVERT(? USING utf8mb4) AS BINARY)"
	}
	return expr + " = ?"
}

// Time returns the expression for the time in a column that [Clock.Parse] reads, NULL for an infinite
// one. Where times have no zone it is a text: of a time, drivers make one in a zone of their own.
func (d Dialect) Time(column string) string {
	switch d {
	case PostgreSQL: // drivers have no infinity
		return "CASE WHEN isfinite(" + column + ") THEN " + column + " END"
	case SQLite:
		return "CAST(" + column + " AS TEXT)"
	}
	return "CAST(" + column + " AS CHAR)"
}

// Bind replaces the placeholders "?" outside of quoted names by the database's own.
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
