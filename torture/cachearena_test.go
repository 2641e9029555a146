package torture

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// newCacheArena starts the given number of Django workers on a cache.
func newCacheArena(t *testing.T, column string, p place, workers int) *arena {
	t.Helper()
	a := &arena{report: &caches, column: column, place: p, newest: testenv.NewestDjango(t)}
	a.workers = a.djangos(t, workers, nil)
	return a
}

// settings are those of a Django whose sessions are there, and in a database if rows is true.
func (p place) settings(rows bool) map[string]any {
	cache := map[string]any{}
	switch p.Kind {
	case redisServer:
		cache["BACKEND"], cache["LOCATION"] = "django.core.cache.backends.redis.RedisCache", "redis://"+p.Addresses[0]+"/0"
	case memcachedServer:
		cache["BACKEND"], cache["LOCATION"] = "django.core.cache.backends.memcached.PyMemcacheCache", p.Addresses[0]
	case cacheFiles:
		cache["BACKEND"], cache["LOCATION"] = "django.core.cache.backends.filebased.FileBasedCache", p.Addresses[0]
		cache["OPTIONS"] = map[string]any{"MAX_ENTRIES": mostEntries}
	case files:
		return map[string]any{"SESSION_ENGINE": django.EngineFile, "SESSION_FILE_PATH": p.Addresses[0]}
	default:
		return nil
	}
	return map[string]any{"SESSION_ENGINE": p.engine(rows), "CACHES": map[string]any{"default": cache}}
}

// refreshCache makes new sessions, and a new watch.
func (a *arena) refreshCache(t *testing.T) {
	t.Helper()
	in, err := a.order("", "").open()
	if err != nil {
		t.Fatal(err)
	}
	defer in.close.Close()
	a.keys, a.hammered = nil, 0
	for range current.sessions + 1 {
		s := in.NewSession()
		if err := errors.Join(s.Set(userKey, user), s.Set("cart", payload), s.Save(t.Context())); err != nil {
			t.Fatal(err)
		}
		a.keys = append(a.keys, s.Key())
	}
	a.counter, a.keys = a.keys[0], a.keys[1:]
	a.watch = newWatch(len(a.keys))
}

// readers are how many load sessions all the time.
const readers = 2

// read starts the readers of a cache. They end when the returned function is called.
func (a *arena) read(t *testing.T) (stop func()) {
	t.Helper()
	if a.watch == nil {
		return func() {}
	}
	in, err := a.order("", "").open()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var reading sync.WaitGroup
	stop = sync.OnceFunc(func() {
		cancel()
		reading.Wait()
		_ = in.close.Close()
	})
	t.Cleanup(stop)
	for range readers {
		reading.Go(func() {
			for ctx.Err() == nil {
				_ = a.readOnce(ctx, in, rand.N(len(a.keys))) // it may fail during a fault
				time.Sleep(current.rest/4 + time.Millisecond)
			}
		})
	}
	return stop
}

// readOnce has the watch see a session.
func (a *arena) readOnce(ctx context.Context, in *opened, i int) error {
	ctx, cancel := context.WithTimeout(ctx, writePatience)
	defer cancel()
	least := a.watch.expect(i)
	s, err := in.Load(ctx, a.keys[i])
	if errors.Is(err, django.ErrNotFound) {
		a.watch.miss(i)
	}
	if err != nil {
		return err
	}
	shown, err := numbersOf(s)
	if err != nil {
		return err
	}
	a.watch.see(i, least, shown)
	return nil
}

// numbersOf returns the numbers in a session, by their keys.
func numbersOf(s *django.Session) (map[string]int, error) {
	numbers := map[string]int{}
	for key := range s.Keys() {
		if sideOf(key) == nobody && key != counter {
			continue
		}
		n, err := django.Value(s, key, 0)
		if err != nil {
			return nil, err
		}
		numbers[key] = n
	}
	return numbers, nil
}

// verifyCache compares the end with what was acknowledged, as Go and Django read it, and sums up
// what the watch has seen. It fails the test for everything but what Django may have
// overwritten, and what a lossy cache lost.
//
// A session to which a Django worker writes with Django's engine has no other one. So what is lost
// there of Go's, Django may have overwritten; what is lost there of Django's, or elsewhere, Go or our
// engine has.
func (a *arena) verifyCache(t *testing.T, acknowledged []write) verdict {
	t.Helper()
	a.readEnd(t)
	w := a.watch
	onlyGo := func(session int) bool { return session >= a.hammered }
	both := func(session int) bool { return session < a.hammered }
	v := verdict{audit: newAudit(0), countedFor: map[string]int{}}
	v.evidence = w.evidence
	for _, one := range acknowledged {
		v.acknowledged[sideOf(one.writer)]++
		if sideOf(one.writer) == ofGo && both(one.session) {
			v.exposed++
		}
	}
	v.alone = v.acknowledged[ofGo] - v.exposed
	v.lostToGo[ofGo], v.overwritten[ofGo] = w.lostIn(ofGo, onlyGo), w.lostIn(ofGo, both)
	v.lostToGo[ofDjango], v.lostToGo[ofEngine] = w.lostIn(ofDjango, both), w.lostIn(ofEngine, onlyGo)
	v.counted = w.counter
	bad := w.absent > 0
	if !a.lossy {
		bad = bad || v.lostToGo[ofGo]+v.lostToGo[ofEngine] > 0
		if a.lossyDjango {
			bad = bad || v.lostToGo[ofDjango] > 5+v.acknowledged[ofDjango]/100
		} else {
			bad = bad || w.impossible > 0 || v.lostToGo[ofDjango] > 0
		}
	}
	if bad {
		t.Errorf("acknowledged and lost: %d of Go's writes, %d of Django's, %d of our engine's; %d times a session was not found; %d numbers that cannot be",
			v.lostToGo[ofGo], v.lostToGo[ofDjango], v.lostToGo[ofEngine], w.absent, w.impossible)
		for _, e := range w.evidence {
			t.Errorf("evidence: %s", e)
		}
	}
	if w.compared == 0 {
		t.Error("nothing was compared")
	}
	return v
}

// readEnd has the watch see all sessions as Go and as Django read them, and the counter.
func (a *arena) readEnd(t *testing.T) {
	t.Helper()
	in, err := a.order("", "").open()
	if err != nil {
		t.Fatal(err)
	}
	defer in.close.Close()
	for i := range a.keys {
		if err := a.readOnce(t.Context(), in, i); err != nil {
			t.Errorf("session %d cannot be loaded: %v", i, err)
		}
	}
	s, err := in.Load(t.Context(), a.counter)
	if err != nil {
		t.Fatalf("the counter's session cannot be loaded: %v", err)
	}
	own, err := numbersOf(s)
	if err != nil {
		t.Fatal(err)
	}
	a.watch.total(own[counter], own)
	if len(a.workers) == 0 {
		return
	}
	for i, content := range testenv.Ask[[]map[string]json.RawMessage](t, a.workers[0], "contents", testenv.Args{"session_keys": a.keys}) {
		shown := map[string]int{}
		for key, value := range content {
			shown[key], _ = strconv.Atoi(string(value)) // others are no numbers
		}
		a.watch.see(i, a.watch.expect(i), shown)
	}
}
