package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
)

// inDoubt is the error of a write that may have taken effect, or still will.
type inDoubt struct{ error }

func (e inDoubt) Unwrap() error { return e.error }

// watched is a statement's argument that notes when the driver reads it. Before
// that, while the statement waits for a connection say, nothing was sent.
type watched struct {
	value any
	read  *bool
	once  bool // a second reading is refused
}

// Value implements driver.Valuer.
func (w watched) Value() (driver.Value, error) {
	if *w.read && w.once {
		return nil, errSentAgain
	}
	v, err := driver.DefaultParameterConverter.ConvertValue(w.value)
	*w.read = *w.read || err == nil
	return v, err
}

// errSentAgain keeps database/sql from sending a statement again because a driver
// returned driver.ErrBadConn for one that it had sent, as lib/pq does.
var errSentAgain = errors.New("the connection broke")

// watch returns the arguments such that sent becomes true when the last of them is read,
// and with it all others.
func watch(args []any, sent *bool, once bool) []any {
	*sent = len(args) == 0 // nothing to watch: it may have been
	if *sent {
		return args
	}
	args = slices.Clone(args)
	last := &args[len(args)-1]
	*last = watched{*last, sent, once}
	return args
}

// leavesOpen reports whether the error of a write that was sent leaves open what
// became of it. The database's own answer does not, unless that is what it says;
// without an answer a network leaves it open.
func (db *Database) leavesOpen(err error) bool {
	if db.InTx {
		return false // what was not committed goes with its connection
	}
	if errors.Is(err, errSentAgain) {
		return true
	}
	if errors.Is(err, driver.ErrBadConn) {
		return db.loose // else it is returned only if nothing was done
	}
	if kind, ok := db.classified(err); ok {
		return kind == KindInDoubt
	}
	var safe interface{ SafeToRetry() bool }
	if errors.As(err, &safe) && safe.SafeToRetry() {
		return false
	}
	if state, ok := stateOf(err); ok {
		// The connection ended, in mid-commit perhaps; CockroachDB does not know.
		return strings.HasPrefix(state, "08") || strings.HasPrefix(state, "57P0") || state == "40003"
	}
	if number, ok := numberOf(err); ok {
		return kindOfMySQL(number, err.Error()) == KindOther && slices.Contains(openMySQL, number)
	}
	if db.Dialect == SQLite {
		const interrupt, ioerr = 9, 10
		code, ok := codeOf(err)
		return ok && (code == interrupt || code == ioerr) ||
			errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
			strings.Contains(err.Error(), "interrupted") || strings.Contains(err.Error(), "disk I/O error")
	}
	return !unencodable(err)
}

// unencodable reports whether an argument could not be encoded, which database/sql and
// pgx find out before they send anything.
func unencodable(err error) bool {
	text := err.Error()
	return strings.Contains(text, "sql: converting argument $") || strings.Contains(text, "failed to encode args[")
}

// openMySQL are MySQL's errors that may follow a commit: of a server that shuts
// down, a connection that was killed or lost behind a proxy, a commit that failed
// halfway, and the unknown ones, which is what Vitess calls all of its own.
var openMySQL = []int{1053, 1077, 1079, 1105, 1152, 1158, 1159, 1160, 1161, 1180, 1184, 1317, 1927, 1969, 2006, 2013}

// lost reports whether an error says that the connection is gone.
func lost(err error) bool {
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return true
	}
	if state, ok := stateOf(err); ok {
		return strings.HasPrefix(state, "08") || strings.HasPrefix(state, "57P0") && state != "57P03"
	}
	if number, ok := numberOf(err); ok {
		return slices.Contains([]int{1053, 1927, 2006, 2013}, number)
	}
	return err.Error() == "invalid connection" // go-sql-driver/mysql
}

func stateOf(err error) (string, bool) {
	var state interface{ SQLState() string }
	if !errors.As(err, &state) {
		return "", false
	}
	return state.SQLState(), true
}

// numberOf reads the number of go-sql-driver/mysql: "Error 1213 (40001): ...", also where
// Wait has put the context's error in front.
func numberOf(err error) (number int, ok bool) {
	if ended, ok := errors.AsType[ended](err); ok {
		return numberOf(ended.last)
	}
	n, _ := fmt.Sscanf(err.Error(), "Error %d", &number)
	return number, n == 1
}

// codeOf returns SQLite's primary code.
func codeOf(err error) (int, bool) {
	var coded interface{ Code() int }
	if !errors.As(err, &coded) {
		return 0, false
	}
	return coded.Code() & 0xff, true
}

// run calls f, which hands the statement with args to the driver. It calls f again for
// each connection of the pool that turns out to be gone, after a restart of the database
// for instance, or to remember the statement as it was before a migration. A statement
// that may not run twice is sent again only if it did nothing; where that is not known,
// the error is of [KindInDoubt]. A connection made anew is not given a second chance.
func (db *Database) run(ctx context.Context, twice bool, args []any, f func(args []any) error) error {
	left := -1
	for {
		var sent bool
		err := db.Wait(ctx, func() error {
			err := f(watch(args, &sent, !twice && db.loose))
			if err != nil && sent && !twice && db.leavesOpen(err) {
				return inDoubt{err}
			}
			return err
		})
		if err == nil {
			return nil
		}
		if db.InTx || ctx.Err() != nil || !db.unprepared(err) && (sent && !twice || !lost(err)) {
			return advise(err)
		}
		if left < 0 {
			left = db.open()
		}
		if left == 0 {
			return advise(err)
		}
		left--
	}
}

// open returns how many connections the pool may hold, the one that was just lost
// among them.
func (db *Database) open() int {
	if pool, ok := db.db.(interface{ Stats() sql.DBStats }); ok {
		return 1 + pool.Stats().OpenConnections
	}
	return 1
}
