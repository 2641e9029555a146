package sqldb

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	// longestPause between two attempts, where each attempt costs the server something.
	longestPause = 250 * time.Millisecond
	// longestPoll is longestPause for SQLite, which has no queue of waiting writers: one
	// that polls rarely never gets its turn in a busy database.
	longestPoll = 2 * time.Millisecond
	// longestLine is how long a writer waits for those of its own process.
	longestLine = time.Second
)

// Wait calls f until the database no longer refuses for the moment, with growing
// pauses. Each f is one statement that commits by itself, so that a refused one did
// nothing and may be sent again. Inside the caller's transaction nothing is repeated: a
// refusal there is for the whole transaction.
func (db *Database) Wait(ctx context.Context, f func() error) error {
	err := f()
	if err == nil || db.InTx || db.maxWait <= 0 || !db.passes(err) {
		return err
	}
	most := longestPause
	if db.Dialect == SQLite {
		most = longestPoll
	}
	end := time.NewTimer(db.maxWait)
	defer end.Stop()
	for pause := time.Millisecond; ; pause = min(2*pause, most) {
		next := time.NewTimer(pause/2 + rand.N(pause))
		select {
		case <-next.C:
		case <-end.C:
			next.Stop()
			return err
		case <-ctx.Done():
			next.Stop()
			return ended{ctx.Err(), err}
		}
		if err = f(); err == nil || !db.passes(err) {
			return err
		}
	}
}

// ended is the error of a statement that the database still refused when the context ended.
// It is both errors, and of the kind of the last: no attempt did anything.
type ended struct{ context, last error }

func (e ended) Error() string   { return e.context.Error() + ": " + e.last.Error() }
func (e ended) Unwrap() []error { return []error{e.context, e.last} }

// passes reports whether what a statement was refused for passes with time.
func (db *Database) passes(err error) bool { return db.KindOf(err) == KindTransient && !stale(err) }

// standInLine makes the writers of this process wait for each other where the database,
// SQLite, lets in one at a time and the others would poll. A writer that has waited for
// longestLine polls all the same.
func (db *Database) standInLine(ctx context.Context) (leave func(), err error) {
	if db.line == nil {
		return func() {}, nil
	}
	leave = func() { <-db.line }
	select {
	case db.line <- struct{}{}:
		return leave, nil
	default:
	}
	patience := time.NewTimer(min(longestLine, db.maxWait))
	defer patience.Stop()
	select {
	case db.line <- struct{}{}:
		return leave, nil
	case <-patience.C:
		return func() {}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
