package sqldb

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// code is the code of an error that the database itself returned. At most one field is set.
type code struct {
	state  string // PostgreSQL's SQLSTATE
	mysql  int    // MySQL's error number
	sqlite int    // SQLite's result code, perhaps an extended one
}

// String returns the code in front of what it stands for.
func (c code) String() string {
	switch {
	case c.state != "":
		return "SQLSTATE " + c.state + ": "
	case c.mysql != 0:
		return fmt.Sprintf("error %d: ", c.mysql)
	case c.sqlite != 0:
		return fmt.Sprintf("SQLite error %d: ", c.sqlite)
	}
	return ""
}

// codeOf finds the code without knowing the driver.
func codeOf(err error) (c code) {
	if e := interface{ SQLState() string }(nil); errors.As(err, &e) {
		c.state = cmp.Or(e.SQLState(), "unknown")
		return c
	}
	// go-sql-driver/mysql has a field, and "Error 1213 (40001): ..." as its text.
	if n, _ := fmt.Sscanf(err.Error(), "Error %d", &c.mysql); n == 1 {
		return c
	}
	if e := interface{ Code() int }(nil); errors.As(err, &e) {
		c.sqlite = e.Code()
	}
	return c
}

func (c code) kind(text string) Kind {
	switch c.state {
	// 53300: too many connections; 57P03: the server starts or stops; CR000: an old
	// CockroachDB.
	case "40001", "40P01", "55P03", "53300", "57P03", "CR000":
		return KindTransient
	case "23505":
		return KindDuplicate
	case "42P01", "42703":
		return KindUndefined
	}
	switch c.mysql {
	// 1040, 1203: too many connections, and Vitess's pool is exhausted; 1637: too many
	// transactions; 3101: a group rolled the commit back.
	case 1020, 1040, 1203, 1205, 1213, 1637, 3101, 3572:
		return KindTransient
	case 1105: // Vitess, of a tablet that does not serve
		if strings.Contains(text, "operation not allowed in state ") {
			return KindTransient
		}
	case 1226: // not the quotas per hour
		if strings.Contains(text, "max_user_connections") {
			return KindTransient
		}
	case 1062:
		return KindDuplicate
	case 1054, 1146:
		return KindUndefined
	}
	if c.state != "" || c.mysql != 0 {
		return KindOther
	}
	switch c.sqlite & 0xff {
	case 5, 6, 15: // busy, locked, and a lost race for the WAL's locks
		return KindTransient
	}
	switch {
	case strings.Contains(text, "database is locked"), strings.Contains(text, "database table is locked"):
		return KindTransient
	case strings.Contains(text, "no such table"), strings.Contains(text, "no such column"), strings.Contains(text, "has no column named"):
		return KindUndefined
	case strings.Contains(text, "UNIQUE constraint failed"):
		return KindDuplicate
	}
	return KindOther
}

// stale reports whether a connection refused a statement because of what it has prepared. The
// driver then prepares the statement again, so each connection refuses it once.
func (c code) stale(err error) bool {
	switch c.state {
	case "26000", "42P05": // a pooler mixed up the prepared statements
		return true
	case "0A000":
		return cachedPlan(err)
	}
	return c.mysql == 1615 || c.sqlite&0xff == 17
}

// cachedPlan reports whether PostgreSQL says that a cached plan must not change its result
// type. The text is in the server's language, the name of the routine is not.
func cachedPlan(err error) bool {
	return strings.Contains(err.Error(), "cached plan") || routineOf(err) == "RevalidateCachedQuery"
}

// routineOf returns the server's routine that raised an error, a field of pgx's and lib/pq's
// errors.
func routineOf(err error) string {
	state := interface{ SQLState() string }(nil)
	if !errors.As(err, &state) {
		return ""
	}
	v := reflect.Indirect(reflect.ValueOf(state))
	if v.Kind() != reflect.Struct {
		return ""
	}
	if routine := v.FieldByName("Routine"); routine.Kind() == reflect.String {
		return routine.String()
	}
	return ""
}

// unfinished reports whether the database says with this code that it does not know, or
// cannot say, whether a write took effect: it shuts down, the connection was killed or lost
// behind a proxy, or a commit failed halfway.
func (c code) unfinished() bool {
	return strings.HasPrefix(c.state, "08") || strings.HasPrefix(c.state, "57P0") || c.state == "40003" ||
		// 1105 and 1815 are what Vitess calls its own errors, 3024 a statement that took too long.
		slices.Contains([]int{1053, 1077, 1079, 1105, 1152, 1158, 1159, 1160, 1161, 1180, 1184, 1317, 1815, 1927, 1969, 2006, 2013, 3024}, c.mysql) ||
		slices.Contains([]int{9, 10}, c.sqlite&0xff) // interrupted, I/O error
}

// failover matches Vitess's messages while a primary is replaced or a shard is split. A write may
// have taken effect.
var failover = regexp.MustCompile(`primary is not serving|is being resharded|(wrong|invalid) tablet type|no healthy tablet|` +
	`rpc error: code = Unavailable|inconsistent state detected|connection pool is closed|tx engine can't accept new connections|VT1400[123]`)

// passing reports whether a failover is the reason for an error.
func (c code) passing(err error) bool {
	return (c.mysql == 1105 || c.mysql == 1815) && failover.MatchString(err.Error())
}

// Unsupported reports whether an error says that the database does not have what a statement
// needs. A trigger may say so, too.
func Unsupported(err error) bool {
	c := codeOf(unwrapped(err))
	return c.mysql == 1235 || c.state == "0A000" && !c.stale(unwrapped(err))
}

// keyUpdate matches Vitess's message, "VT12001: unsupported: you cannot UPDATE primary vindex
// columns", and that of Citus, "modifying the partition value of rows is not allowed".
var keyUpdate = regexp.MustCompile(`(?i)\bvindex\b|\bpartition value\b`)

// KeyUpdateUnsupported reports whether an error surely says that the database cannot change the
// value by which it distributes a row, as Vitess and Citus do.
func KeyUpdateUnsupported(err error) bool {
	return Unsupported(err) && keyUpdate.MatchString(unwrapped(err).Error())
}

// lost reports whether the connection is gone.
func (c code) lost() bool {
	return strings.HasPrefix(c.state, "08") || strings.HasPrefix(c.state, "57P0") && c.state != "57P03" ||
		slices.Contains([]int{1053, 1927, 2006, 2013}, c.mysql)
}

// RefusesName reports whether an error may be about the name of the table: that there is none,
// a syntax error, or a schema that may not be used.
func RefusesName(err error) bool {
	c := codeOf(unwrapped(err))
	class := c.state[:min(2, len(c.state))]
	return class == "42" || class == "3F" || class == "0A" || c.sqlite == 1 ||
		slices.Contains([]int{1044, 1049, 1054, 1064, 1142, 1146}, c.mysql)
}
