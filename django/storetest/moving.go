package storetest

import (
	"errors"
	"sync/atomic"

	"github.com/djsession/djsession/django"
)

func move(s *suite) {
	for name, data := range map[string]string{"data": `{"b":2}`, "key only": ""} {
		rec, key, want := s.create(`{"a":1}`, s.later()), newKey(), `{"a":1}`
		if data != "" {
			want = data
		}
		now := s.save(rec, s.write(key, data, s.later()))
		if now.Key != key {
			s.Errorf("%s: the Record's key is not the new one", name)
		}
		s.missing(rec.Key)
		s.holds(key, want)
		s.update(now, `{"c":3}`)
		s.refused(rec, s.write(newKey(), "", s.later()), django.ErrNotFound)
	}
}

func moveConflict(s *suite) {
	old, key := s.create(`{"a":1}`, s.later()), newKey()
	s.update(old, `{"a":2}`)
	now := s.refused(old, s.write(key, `{"a":3}`, s.later()), django.ErrConflict)
	s.missing(key)
	s.holds(old.Key, `{"a":2}`)
	s.save(now, s.write(key, `{"a":4}`, s.later()))
	s.missing(old.Key)
	s.holds(key, `{"a":4}`)
}

func moveOntoTaken(s *suite) {
	rec, other := s.create(`{"a":1}`, s.later()), s.create(`{"b":2}`, s.later())
	_, err := s.store.Save(s.Context(), rec, s.write(other.Key, `{"c":3}`, s.later()))
	if err == nil || errors.Is(err, django.ErrNotFound) || errors.Is(err, django.ErrConflict) {
		s.Errorf("Save: %v, want ErrExists or another failure", err)
	}
	s.holds(rec.Key, `{"a":1}`)
	s.holds(other.Key, `{"b":2}`)
}

// moveNeverMissing: while a session moves it is never missing under both keys, and if
// the store claims so, never there under both.
func moveNeverMissing(s *suite) {
	for range 20 {
		rec, key := s.create(`{"a":1}`, s.later()), newKey()
		var moved atomic.Bool
		parallel(2, func(i int) {
			if i == 0 {
				defer moved.Store(true)
				if _, err := s.store.Save(s.Context(), rec, s.write(key, `{"b":2}`, s.later())); err != nil {
					s.Errorf("Save: %v", err)
				}
				return
			}
			for !moved.Load() && !s.Failed() {
				// The order of the two looks is that of the steps, reversed.
				old, isOld := s.look(rec.Key), s.look(key)
				if !old && !isOld {
					s.Error("the session was under neither key")
				}
				isNew, old := s.look(key), s.look(rec.Key)
				if isNew && old && s.caps.AtomicMove {
					s.Error("the session was under both keys, though the store claims AtomicMove")
				}
			}
		})
	}
}

// look reports whether a session is stored under key.
func (s *suite) look(key string) bool {
	_, err := s.store.Load(s.Context(), key, s.now)
	if err != nil && !errors.Is(err, django.ErrNotFound) {
		s.Errorf("Load: %v", err)
	}
	return err == nil
}
