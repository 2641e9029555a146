package django

import (
	"context"
	"iter"
	"time"
)

// A Checker is a [Store] that can check its own setup; see [Sessions.Check].
type Checker interface {
	// Check returns an error if the store cannot be reached, if what sessions are kept in
	// is missing or incomplete, or if none of the newest sessions that expire after now can
	// be read with the settings. No sessions at all is no error.
	Check(ctx context.Context, now time.Time) error
}

// A Lister is a [Store] that can list and count its sessions.
type Lister interface {
	// List iterates over the sessions that f selects, those that expire last first. An
	// error ends the iteration. The store holds no lock and no query open meanwhile, so a
	// session that is saved during the loop may be missed or listed twice.
	List(ctx context.Context, f Filter) iter.Seq2[Listed, error]
	// Count returns how many sessions List finds without f.Limit.
	Count(ctx context.Context, f Filter) (int64, error)
}

// A Filter selects what [Lister.List] lists.
type Filter struct {
	Key     string    // only this key, unless empty
	Expired bool      // sessions that have expired at Now instead of those that have not
	Now     time.Time // decides what has expired
	Limit   int       // the maximal number of sessions; 0 means all
}

// Listed is a session as [Lister.List] returns it.
type Listed struct {
	Record
	Expires time.Time // in UTC; zero if what is stored is not a time
	Size    int       // of the stored data, in bytes
	// Malformed says which stored part is not what Django writes there. Such a session may
	// not count as live or expired when it should. Otherwise nil.
	Malformed error
}
