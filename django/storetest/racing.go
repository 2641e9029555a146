package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/djsession/djsession/django"
)

func oneCreates(s *suite) {
	key := newKey()
	var created atomic.Int32
	parallel(8, func(i int) {
		_, err := s.store.Create(s.Context(), s.write(key, fmt.Sprintf(`{"n":%d}`, i), s.later()))
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

// oneReplaces: of those that loaded the same version, one wins, and a loser that starts
// again from the conflict's Record loses nothing.
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
			now, err := s.store.Save(s.Context(), own, s.write(rec.Key, string(text), s.later()))
			switch {
			case err == nil:
				own, own.Data = now, s.dict(string(text))
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

// counter: writers that read, add one and start again after a conflict lose no count,
// though equal counts are equal data.
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
				now, err = s.store.Save(s.Context(), now, s.write(rec.Key, fmt.Sprintf(`{"n":%d}`, n+1), s.later()))
				if err == nil {
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

// goneForGood: one deletes what others are saving and moving; nothing stays under the
// old key.
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
				if _, err := s.store.Save(s.Context(), rec, s.write(moved[i], `{"n":1}`, s.later())); err == nil {
					found.Store(&moved[i]) // it was faster than the others
				}
			default:
				_, _ = s.store.Save(s.Context(), rec, s.write(rec.Key, `{"n":2}`, s.later()))
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
