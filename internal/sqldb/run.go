package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	// maxPause bounds the pause between two attempts.
	maxPause = 250 * time.Millisecond
	// maxPauseSQLite is lower: SQLite has no queue, so a writer that polls rarely starves.
	maxPauseSQLite = 2 * time.Millisecond
	// maxQueue is how long a writer waits for the others of this process.
	maxQueue = time.Second
)

// run calls f, which sends one statement with args, until it succeeds or the error is not one
// to retry:
//
//   - a transient error is retried with growing pauses for as long as maxWait;
//   - an answer that did not come within maxWait is not waited for again;
//   - a lost connection, and a connection that has the statement prepared as it was before a
//     migration, are retried at once, as often as the pool may have such connections. A
//     statement that is not repeatable is retried only if it did nothing.
//
// In a transaction nothing is retried. The errors are an *Error or sql.ErrNoRows.
func (db *Database) run(ctx context.Context, repeatable bool, args []any, f func() error) error {
	var deadline time.Time // of the pauses
	pause, connections := time.Millisecond, -1
	for {
		sent, err := watch(args, db.resends && !repeatable, f)
		if err == nil || err == sql.ErrNoRows {
			return err
		}
		e := db.newError(err, sent, repeatable, args)
		switch {
		case db.InTx:
			return e
		case e.Kind == KindTransient && !e.stale:
			if deadline.IsZero() {
				deadline = time.Now().Add(db.maxWait)
			}
			next := min(pause/2+rand.N(pause), time.Until(deadline))
			if next <= 0 {
				return e
			}
			select {
			case <-time.After(next):
			case <-ctx.Done():
				return e.because(ctx.Err())
			}
			pause = min(2*pause, maxPause)
			if db.Dialect == SQLite {
				pause = min(pause, maxPauseSQLite)
			}
		case ctx.Err() == nil && (repeatable || e.Kind != KindOutcomeUnknown) && (e.stale || e.lost):
			if connections < 0 {
				connections = db.connections()
			}
			if connections == 0 {
				return e
			}
			connections--
		default:
			return e
		}
	}
}

// errNoAnswer is the error of a write that took longer than maxWait.
var errNoAnswer = errors.New("no answer within WithMaxWait, perhaps because another transaction holds a lock or all connections are in use")

// bounded calls f, which writes, with a context that ends after maxWait: the server may wait for
// a lock. SQLite does not wait by itself, and in the caller's transaction an end of the context
// would end that. A context that ends earlier by itself, as a request's does, needs no other.
func (db *Database) bounded(ctx context.Context, f func(context.Context) error) error {
	deadline, ok := ctx.Deadline()
	if db.InTx || db.Dialect == SQLite || db.maxWait <= 0 || ok && time.Until(deadline) <= db.maxWait {
		return f(ctx)
	}
	within, cancel := context.WithTimeout(ctx, db.maxWait)
	defer cancel()
	err := f(within)
	if err != nil && within.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w: %w", err, errNoAnswer) // the code of a server that did answer begins the text
	}
	return err
}

// connections returns how many connections the pool may hold, the one just lost included.
func (db *Database) connections() int {
	if pool, ok := db.db.(interface{ Stats() sql.DBStats }); ok {
		return 1 + pool.Stats().OpenConnections
	}
	return 1
}

// queue makes the writers of this process wait for each other on SQLite, which lets in one at
// a time, so that they need not poll. After maxQueue a writer polls all the same.
func (db *Database) queue(ctx context.Context) (leave func(), err error) {
	if db.writers == nil {
		return func() {}, nil
	}
	leave = func() { <-db.writers }
	select {
	case db.writers <- struct{}{}:
		return leave, nil
	default:
	}
	select {
	case db.writers <- struct{}{}:
		return leave, nil
	case <-time.After(min(maxQueue, db.maxWait)):
		return func() {}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// watched is the first argument of a statement. It notes when the driver reads it: until then,
// while the statement waits for a connection for instance, nothing was sent.
type watched struct {
	value any
	sent  bool
	once  bool
}

// Value implements driver.Valuer.
func (w *watched) Value() (driver.Value, error) {
	if w.sent && w.once {
		return nil, errResent
	}
	w.sent = true
	return driver.DefaultParameterConverter.ConvertValue(w.value)
}

// errResent stops database/sql from sending a write again after driver.ErrBadConn, which lib/pq
// also returns for a write that it has sent.
var errResent = errors.New("the connection broke")

// watch calls f, which sends a statement with args, and reports whether the driver had them. A
// statement without arguments counts as sent. The first argument must be of a type that
// database/sql knows; it is replaced until f returns, so args must not be shared.
func watch(args []any, once bool, f func() error) (sent bool, err error) {
	if len(args) == 0 {
		return true, f()
	}
	first := &watched{value: args[0], once: once}
	args[0] = first
	defer func() { args[0] = first.value }()
	err = f()
	return first.sent, err
}
