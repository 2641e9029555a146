package rediscache_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// turn is how many pairs follow each other.
const turn = 10

// BenchmarkLogin loads and saves a logged-in visitor's session, in turns with a GET and a SET of
// the same bytes. The metric "throughput" is that of both as a part of that of go-redis alone:
// the median of many turns.
func BenchmarkLogin(b *testing.B) {
	client := dial(b, servers.Redis(b).URL(0))
	cache, prefix := rediscache.New(client), testenv.NewKeyPrefix()
	ss := pickles.open(b, cache, cachestore.WithKeyPrefix(prefix))
	s := ss.NewSession()
	if err := errors.Join(s.Set("_auth_user_id", "1"), s.Set("_auth_user_backend", "django.contrib.auth.backends.ModelBackend"),
		s.Set("_auth_user_hash", "9d1cf2bd4a6ea5a0d4bd2eb1a3d2ba1ca1ec48a0a1f0f5a2b3c4d5e6f7a8b9c0"), s.Set("n", 0), s.Save(b.Context())); err != nil {
		b.Fatal(err)
	}
	key := prefix + ":1:django.contrib.sessions.cache" + s.Key()
	value, err := client.Get(b.Context(), key).Result()
	if err != nil {
		b.Fatal(err)
	}
	bare := func() error {
		if err := client.Get(b.Context(), key+"bare").Err(); err != nil {
			return err
		}
		return client.Set(b.Context(), key+"bare", value, time.Hour).Err()
	}
	if err := client.Set(b.Context(), key+"bare", value, time.Hour).Err(); err != nil {
		b.Fatal(err)
	}
	b.Run("GET and SET", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := bare(); err != nil {
				b.Fatal(err)
			}
		}
	})
	run := func(name string, do func(n int) error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var parts []float64
			for n := 0; b.Loop(); n += turn {
				b.StopTimer()
				start := time.Now()
				for range turn {
					if err := bare(); err != nil {
						b.Fatal(err)
					}
				}
				alone := time.Since(start)
				b.StartTimer()
				start = time.Now()
				for i := range turn {
					if err := do(n + i); err != nil {
						b.Fatal(err)
					}
				}
				parts = append(parts, float64(alone)/float64(time.Since(start)))
			}
			slices.Sort(parts)
			b.ReportMetric(parts[len(parts)/2], "throughput")
		})
	}
	run("session", func(n int) error {
		s, err := ss.Load(b.Context(), s.Key())
		if err != nil {
			return err
		}
		return errors.Join(s.Set("n", n), s.Save(b.Context()))
	})
	store := ss.Store()
	run("store", func(n int) error {
		rec, err := store.Load(b.Context(), s.Key(), time.Now())
		if err != nil {
			return err
		}
		_, err = store.Save(b.Context(), rec, django.Write{Key: s.Key(), Data: rec.Data, Age: time.Hour})
		return err
	})
	was, now := item(value), item(value+"x")
	if err := cache.Add(b.Context(), key+"cache", was, time.Hour); err != nil {
		b.Fatal(err)
	}
	run("cache", func(int) error {
		if _, err := cache.Get(b.Context(), key+"cache"); err != nil {
			return err
		}
		_, err := cache.Replace(b.Context(), key+"cache", was, now, time.Hour)
		was, now = now, was
		return err
	})
}
