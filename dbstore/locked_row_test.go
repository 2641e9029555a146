package dbstore_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

// TestLockedRow: WithMaxWait also bounds a single write that waits for a row that another
// transaction holds. The server may still do it.
func TestLockedRow(t *testing.T) {
	for name, vendor := range networked {
		t.Run(name, func(t *testing.T) {
			db := connect(t, withTable(t, vendor))
			ss := newSessions(t, db)
			s := saved(t, ss)
			tx := begin(t, db, sql.LevelDefault)
			tx.MustExec("UPDATE django_session SET expire_date = '2130-01-01 00:00:00'")
			for _, opts := range [][]dbstore.Option{nil, {dbstore.WithShardedByKey()}} {
				ctx := limited(t, time.Minute)
				// On a busy machine the time may be over before the write is sent.
				for wait, sent := 500*time.Millisecond, false; !sent; wait *= 2 {
					store := newSessions(t, db, append(opts, dbstore.WithMaxWait(wait))...).Store()
					rec, err := store.Load(ctx, s.Key(), time.Now())
					if err != nil {
						t.Fatal(err)
					}
					w := django.Write{Key: strings.Repeat("b", 32), Data: rec.Data, Expires: time.Now().Add(time.Hour)}
					_, err = store.Save(ctx, rec, w)
					if ctx.Err() != nil || err == nil || !strings.Contains(err.Error(), "WithMaxWait") {
						t.Fatalf("Save: %v", err)
					}
					// The transaction of a sharded store was not committed.
					unknown := errors.Is(err, django.ErrOutcomeUnknown)
					if unknown && opts != nil {
						t.Errorf("Save: %v", err)
					}
					sent = unknown || opts != nil
					err = store.Delete(ctx, s.Key())
					if ctx.Err() != nil || err == nil || !strings.Contains(err.Error(), "WithMaxWait") {
						t.Fatalf("Delete: %v", err)
					}
				}
			}
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
			}
		})
	}
}
