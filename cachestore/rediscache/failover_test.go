package rediscache_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// TestSentinel: the client follows when a Sentinel makes the replica the master.
func TestSentinel(t *testing.T) {
	t.Parallel()
	set := testenv.NewRedisSentinel(t, testenv.WithPassword())
	client := redis.NewFailoverClient(&redis.FailoverOptions{MasterName: set.Name, SentinelAddrs: set.Addrs(), Password: set.Master.Password, ContextTimeoutEnabled: true})
	t.Cleanup(func() { _ = client.Close() })
	t.Run("conformance", func(t *testing.T) {
		testenv.MatrixOnly(t)
		conform(t, func(*testing.T) cachestore.Cache { return rediscache.New(client) }, pickles)
	})
	t.Run("failover", func(t *testing.T) {
		failsOver(t, client, testenv.NewKeyPrefix(), func(string) {
			if err := set.Master.Kill(); err != nil {
				t.Error(err)
			}
		})
	})
}

// failsOver counts in sessions while the master of the first is killed. No update that was
// acknowledged is lost; every other outcome is an error.
func failsOver(t *testing.T, client redis.UniversalClient, prefix string, kill func(key string)) {
	const writers, before = 4, 20
	open := func(wait time.Duration) *django.Sessions {
		return pickles.open(t, rediscache.New(client, rediscache.WithWait(1, wait)), cachestore.WithKeyPrefix(prefix))
	}
	patient, ss := open(time.Minute), open(100*time.Millisecond)
	var keys []string
	for range writers {
		keys = append(keys, having(t, patient, "n", 0).Key())
	}
	var stop, failed, unknown atomic.Int64
	var midst sync.WaitGroup // until each has had so many updates acknowledged
	midst.Add(writers)
	var acknowledged, attempted [writers]int
	var all sync.WaitGroup
	for i, key := range keys {
		all.Go(func() {
			for stop.Load() == 0 {
				ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
				next := 0
				err := ss.Update(ctx, key, func(s *django.Session) error {
					n, err := django.Value(s, "n", -1)
					next = n + 1
					attempted[i] = max(attempted[i], next)
					return errors.Join(err, s.Set("n", next))
				})
				cancel()
				switch {
				case err == nil:
					if next <= acknowledged[i] {
						t.Errorf("an update counted to %d after %d was acknowledged", next, acknowledged[i])
					}
					if acknowledged[i] < before && next >= before {
						midst.Done()
					}
					acknowledged[i] = next
				case errors.Is(err, django.ErrInterrupted), errors.Is(err, django.ErrNotFound), errors.Is(err, django.ErrUnreadable):
					t.Errorf("Update: %v", err)
				default:
					private(t, err, key, prefix)
					if failed.Add(1); errors.Is(err, django.ErrOutcomeUnknown) {
						unknown.Add(1)
					}
				}
			}
		})
	}
	midst.Wait()
	start := time.Now()
	kill(keys[0])
	// The only replica is the master now, so WAIT reports what it cannot promise.
	for end := start.Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		_, err := ss.Load(ctx, keys[0])
		cancel()
		if err == nil && failed.Load() > 0 {
			break
		}
		if err != nil {
			failed.Add(1)
			private(t, err, keys[0], prefix)
		}
	}
	took := time.Since(start)
	stop.Store(1)
	all.Wait()
	total := 0
	for i, key := range keys {
		s, err := ss.Load(t.Context(), key)
		if err != nil {
			t.Errorf("after the failover: %v", err)
			continue
		}
		n, err := django.Value(s, "n", -1)
		if err != nil || n < acknowledged[i] || n > attempted[i] {
			t.Errorf("the session holds %d, %v; %d was acknowledged, %d attempted", n, err, acknowledged[i], attempted[i])
		}
		total += acknowledged[i]
	}
	t.Logf("readable again after %v; %d updates acknowledged, %d failed, %d of these of unknown outcome", took, total, failed.Load(), unknown.Load())
	if total == 0 || failed.Load() == 0 {
		t.Error("nothing was acknowledged, or nothing failed")
	}
}
