package dbcache_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/django"
)

// TestRevival: of several that take the place of an item that has expired, one succeeds.
func TestRevival(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		now := time.Now()
		before := now.Add(-time.Hour)
		old, c := open(t, db, &before), open(t, db, &now)
		for i := range 5 {
			key := fmt.Sprint("key", i)
			if err := old.Add(t.Context(), key, item("old"), time.Minute); err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			var won atomic.Int64
			for w := range 8 {
				wg.Go(func() {
					switch err := c.Add(t.Context(), key, item(fmt.Sprint(w)), time.Hour); {
					case err == nil:
						won.Add(1)
					case !errors.Is(err, django.ErrExists):
						t.Errorf("Add: %v", err)
					}
				})
			}
			wg.Wait()
			if won.Load() != 1 {
				t.Errorf("%d have taken the place of one", won.Load())
			}
		}
	})
}
