package sqldb

import (
	"context"
	"math/rand/v2"
	"time"
)

// Wait calls f until the database no longer refuses for the moment. Each f is
// one statement that commits by itself, so that a refused one did nothing and may
// be sent again. Inside the caller's transaction nothing is repeated: a refusal
// there is for the whole transaction.
func (db *Database) Wait(ctx context.Context, f func() error) error {
	err := f()
	if err == nil || db.InTx || db.maxWait <= 0 || db.KindOf(err) != KindTransient {
		return err
	}
	end := time.NewTimer(db.maxWait)
	defer end.Stop()
	for pause := time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		next := time.NewTimer(pause/2 + rand.N(pause))
		select {
		case <-next.C:
		case <-end.C:
			next.Stop()
			return err
		case <-ctx.Done():
			next.Stop()
			return ctx.Err()
		}
		if err = f(); err == nil || db.KindOf(err) != KindTransient {
			return err
		}
	}
}
