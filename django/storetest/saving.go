package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/djsession/djsession/django"
)

func replace(s *suite) {
	rec := s.create(`{"a":1}`, s.later())
	// Each Save's record is good for the next.
	for i := range 3 {
		text := fmt.Sprintf(`{"n":%d}`, i)
		rec = s.update(rec, text)
		s.holds(rec.Key, text)
	}
	loaded := s.load(rec.Key)
	s.update(loaded, `{"a":"A"}`)
	s.holds(rec.Key, `{"a":"A"}`)
}

// replaceByTheSame is no conflict, though a database may say that it changed no
// row.
func replaceByTheSame(s *suite) {
	rec := s.create(`{"a":1}`, s.later())
	for range 3 {
		rec = s.update(rec, `{"a":1}`)
		rec = s.save(rec, django.Update{Key: rec.Key, Expires: s.later()})
	}
	s.holds(rec.Key, `{"a":1}`)
}

func conflict(s *suite) {
	old := s.create(`{"a":1}`, s.later())
	s.update(old, `{"a":2}`)
	for name, u := range map[string]django.Update{
		"data":  {Key: old.Key, Data: s.dict(`{"a":3}`), Expires: s.later()},
		"touch": {Key: old.Key, Expires: s.later().Add(time.Hour)},
	} {
		now := s.refused(old, u, django.ErrConflict)
		if now.Version == nil || reflect.DeepEqual(now.Version, old.Version) {
			s.Fatalf("%s: the conflict's Record has not the version that is stored now", name)
		}
		if got := s.dump(now.Data); got != `{"a":2}` {
			s.Errorf("%s: the conflict's Record holds %s", name, got)
		}
		s.holds(old.Key, `{"a":2}`)
		// What the conflict returned is what the next try needs.
		s.save(now, django.Update{Key: now.Key, Expires: s.later()})
	}
}

func conflictOverExpired(s *suite) {
	old := s.create(`{"a":1}`, s.now.Add(-time.Hour))
	if !s.keepsExpired {
		s.refused(old, django.Update{Key: old.Key, Data: s.dict(`{"a":2}`), Expires: s.later()}, django.ErrNotFound)
		s.missing(old.Key)
		return
	}
	s.save(old, django.Update{Key: old.Key, Data: s.dict(`{"a":2}`), Expires: s.now.Add(-time.Minute)})
	now := s.refused(old, django.Update{Key: old.Key, Data: s.dict(`{"a":3}`), Expires: s.later()}, django.ErrConflict)
	s.save(now, django.Update{Key: now.Key, Data: s.dict(`{"a":4}`), Expires: s.later()})
	s.holds(old.Key, `{"a":4}`)
}

// sameTwice: two writers store equal data, in one second for all that anybody
// can tell. The second must learn that it was not the first: what it read is no
// longer there, though what it wants to store is.
func sameTwice(s *suite) {
	old := s.create(`{"n":1}`, s.later())
	u := django.Update{Key: old.Key, Data: s.dict(`{"n":2}`), Expires: s.later()}
	s.save(old, u)
	u.Data = s.dict(`{"n":2}`)
	now := s.refused(old, u, django.ErrConflict)
	if got := s.dump(now.Data); got != `{"n":2}` {
		s.Errorf("the conflict's Record holds %s", got)
	}
}

// gone: a session that was deleted never comes back.
func gone(s *suite) {
	rec := s.create(`{"a":1}`, s.later())
	if err := s.store.Delete(s.Context(), rec.Key); err != nil {
		s.Fatalf("Delete: %v", err)
	}
	moved := newKey()
	for _, u := range []django.Update{
		{Key: rec.Key, Data: s.dict(`{"a":2}`), Expires: s.later()},
		{Key: rec.Key, Expires: s.later()},
		{Key: moved, Data: s.dict(`{"a":2}`), Expires: s.later()},
		{Key: moved, Expires: s.later()},
	} {
		s.refused(rec, u, django.ErrNotFound)
	}
	s.missing(rec.Key)
	s.missing(moved)
}

func touch(s *suite) {
	rec := s.create(`{"a":1.0}`, s.now.Add(time.Minute))
	rec = s.save(rec, django.Update{Key: rec.Key, Expires: s.later()})
	if loaded, err := s.store.Load(s.Context(), rec.Key, s.now.Add(30*time.Minute)); err != nil {
		s.Errorf("Load after the first expiry: %v", err)
	} else if got := s.dump(loaded.Data); got != `{"a":1.0}` {
		s.Errorf("touched: %s", got)
	}
	rec = s.save(rec, django.Update{Key: rec.Key, Expires: s.now.Add(-time.Minute)})
	s.missing(rec.Key)
}

func move(s *suite) {
	for name, data := range map[string]string{"data": `{"b":2}`, "key only": ""} {
		rec, key, want := s.create(`{"a":1}`, s.later()), newKey(), `{"a":1}`
		u := django.Update{Key: key, Expires: s.later()}
		if data != "" {
			u.Data, want = s.dict(data), data
		}
		now := s.save(rec, u)
		if now.Key != key {
			s.Errorf("%s: the Record's key is not the new one", name)
		}
		s.missing(rec.Key)
		s.holds(key, want)
		s.update(now, `{"c":3}`)
		s.refused(rec, django.Update{Key: newKey(), Expires: s.later()}, django.ErrNotFound)
	}
}

func moveConflict(s *suite) {
	old, key := s.create(`{"a":1}`, s.later()), newKey()
	s.update(old, `{"a":2}`)
	now := s.refused(old, django.Update{Key: key, Data: s.dict(`{"a":3}`), Expires: s.later()}, django.ErrConflict)
	s.missing(key)
	s.holds(old.Key, `{"a":2}`)
	s.save(now, django.Update{Key: key, Data: s.dict(`{"a":4}`), Expires: s.later()})
	s.missing(old.Key)
	s.holds(key, `{"a":4}`)
}

func moveOntoTaken(s *suite) {
	rec, other := s.create(`{"a":1}`, s.later()), s.create(`{"b":2}`, s.later())
	_, err := s.store.Save(s.Context(), rec, django.Update{Key: other.Key, Data: s.dict(`{"c":3}`), Expires: s.later()})
	if err == nil || errors.Is(err, django.ErrNotFound) || errors.Is(err, django.ErrConflict) {
		s.Errorf("Save: %v, want ErrExists or another failure", err)
	}
	s.holds(rec.Key, `{"a":1}`)
	s.holds(other.Key, `{"b":2}`)
}

// parallel calls f from several goroutines at once and waits for them.
func parallel(n int, f func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}

func oneCreates(s *suite) {
	key := newKey()
	var created atomic.Int32
	parallel(8, func(i int) {
		_, err := s.store.Create(s.Context(), key, s.dict(fmt.Sprintf(`{"n":%d}`, i)), s.later())
		switch {
		case err == nil:
			created.Add(1)
		case !errors.Is(err, django.ErrExists):
			s.Errorf("Create: %v", err)
		}
	})
	if n := created.Load(); n != 1 {
		s.Errorf("%d of 8 created the session, want 1", n)
	}
}

// oneReplaces: of those that loaded the same version, one wins, and a loser
// that starts again from what the conflict showed loses nothing.
func oneReplaces(s *suite) {
	const writers, rounds = 4, 5
	rec := s.create(`{}`, s.later())
	parallel(writers, func(i int) {
		own := rec
		own.Data = s.dict(`{}`)
		for round := 0; round < rounds; {
			text := []byte(s.dump(own.Data))
			text = fmt.Appendf(text[:len(text)-1], `,"w%dr%d":%d}`, i, round, round)
			if text[1] == ',' {
				text = append([]byte{'{'}, text[2:]...)
			}
			data := s.dict(string(text))
			now, err := s.store.Save(s.Context(), own, django.Update{Key: rec.Key, Data: data.Clone(), Expires: s.later()})
			switch {
			case err == nil:
				own, own.Data = now, data
				round++
			case errors.Is(err, django.ErrConflict):
				own = now
			default:
				s.Errorf("Save: %v", err)
				return
			}
		}
	})
	if n := s.load(rec.Key).Data.Len(); n != writers*rounds {
		s.Errorf("%d of %d writes are there", n, writers*rounds)
	}
}

// counter: writers who read, add one and start again where another was faster lose
// no count, though equal counts are equal data.
func counter(s *suite) {
	const writers, rounds = 4, 10
	rec := s.create(`{"n":0}`, s.later())
	parallel(writers, func(int) {
		for range rounds {
			now, err := s.store.Load(s.Context(), rec.Key, s.now)
			for err == nil || errors.Is(err, django.ErrConflict) {
				var n int
				if _, err = fmt.Sscanf(s.dump(now.Data), `{"n":%d}`, &n); err != nil {
					break
				}
				u := django.Update{Key: rec.Key, Data: s.dict(fmt.Sprintf(`{"n":%d}`, n+1)), Expires: s.later()}
				if now, err = s.store.Save(s.Context(), now, u); err == nil {
					break
				}
			}
			if err != nil {
				s.Errorf("counting: %v", err)
				return
			}
		}
	})
	s.holds(rec.Key, fmt.Sprintf(`{"n":%d}`, writers*rounds))
}

// goneForGood: one deletes what others are saving and moving; nothing remains.
func goneForGood(s *suite) {
	for range 5 {
		rec := s.create(`{"n":0}`, s.later())
		moved := []string{newKey(), newKey()}
		var found atomic.Pointer[string]
		parallel(5, func(i int) {
			switch {
			case i == 4:
				if err := s.store.Delete(s.Context(), rec.Key); err != nil {
					s.Errorf("Delete: %v", err)
				}
			case i < len(moved):
				_, err := s.store.Save(s.Context(), rec, django.Update{Key: moved[i], Data: s.dict(`{"n":1}`), Expires: s.later()})
				if err == nil {
					found.Store(&moved[i]) // it was faster than the others
				}
			default:
				_, _ = s.store.Save(s.Context(), rec, django.Update{Key: rec.Key, Data: s.dict(`{"n":2}`), Expires: s.later()})
			}
		})
		s.missing(rec.Key)
		for _, key := range moved {
			if at := found.Load(); at == nil || *at != key {
				s.missing(key)
			} else {
				s.holds(key, `{"n":1}`)
			}
		}
	}
}
