package sqldb

import (
	"errors"
	"fmt"
	"strings"
)

// Kind is what has to be known of a database's error.
type Kind int

// The kinds of errors.
const (
	// KindOther is every other error: the database failed.
	KindOther Kind = iota
	// KindTransient: the statement did nothing and may be sent again: a busy
	// SQLite, a deadlock, a lock that took too long, a serialization failure.
	KindTransient
	// KindDuplicate: the row's key is taken.
	KindDuplicate
	// KindUndefined: there is no such table or column.
	KindUndefined
)

// KindOf tells the kind of a driver's error without knowing the driver.
func (db *Database) KindOf(err error) Kind {
	if db.classify != nil {
		if k := db.classify(err); k != KindOther {
			return k
		}
	}
	var state interface{ SQLState() string }
	if errors.As(err, &state) {
		return kindOfState(state.SQLState())
	}
	text := err.Error()
	// go-sql-driver/mysql: "Error 1213 (40001): ...".
	var number int
	if n, _ := fmt.Sscanf(text, "Error %d", &number); n == 1 {
		return kindOfMySQL(number, text)
	}
	return kindOfSQLite(err, text, db.key)
}

func kindOfState(state string) Kind {
	switch state {
	case "40001", "40P01", "55P03":
		return KindTransient
	case "23505":
		return KindDuplicate
	case "42P01", "42703":
		return KindUndefined
	}
	return KindOther
}

func kindOfMySQL(number int, text string) Kind {
	switch number {
	case 1020, 1205, 1213, 3572:
		return KindTransient
	case 1062:
		// Another unique column of a custom model is the caller's business.
		if strings.Contains(text, "PRIMARY") {
			return KindDuplicate
		}
	case 1054, 1146:
		return KindUndefined
	}
	return KindOther
}

func kindOfSQLite(err error, text, key string) Kind {
	const busy, locked = 5, 6
	var coded interface{ Code() int }
	if errors.As(err, &coded) {
		if c := coded.Code() & 0xff; c == busy || c == locked {
			return KindTransient
		}
	}
	switch {
	case strings.Contains(text, "database is locked"), strings.Contains(text, "database table is locked"):
		return KindTransient
	case strings.Contains(text, "no such table"), strings.Contains(text, "no such column"), strings.Contains(text, "has no column named"):
		return KindUndefined
	case strings.Contains(text, "UNIQUE constraint failed") && strings.Contains(text, "."+key):
		return KindDuplicate
	}
	return KindOther
}

// shortestSecret is the length from which on a text is looked for: shorter ones,
// such as the id 7, are in many a message by chance.
const shortestSecret = 4

// Quotes reports whether the text of a driver's error repeats one of secrets.
func Quotes(err error, secrets ...string) bool {
	for _, secret := range secrets {
		if len(secret) >= shortestSecret && strings.Contains(err.Error(), secret) {
			return true
		}
	}
	return false
}
