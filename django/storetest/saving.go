package storetest

import (
	"errors"
	"fmt"
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
	rec = s.update(s.load(rec.Key), `{"a":"A"}`)
	s.holds(rec.Key, `{"a":"A"}`)
}

// replaceByTheSame is no conflict, though a database may say that no row was changed.
func replaceByTheSame(s *suite) {
	rec := s.create(`{"a":1}`, s.later())
	for range 3 {
		rec = s.update(rec, `{"a":1}`)
		rec = s.save(rec, s.write(rec.Key, "", s.later()))
	}
	s.holds(rec.Key, `{"a":1}`)
}

// touch: without data, the expiry alone changes.
func touch(s *suite) {
	rec := s.create(`{"a":1.0}`, s.now.Add(time.Minute))
	rec = s.save(rec, s.write(rec.Key, "", s.later()))
	if loaded, err := s.store.Load(s.Context(), rec.Key, s.now.Add(30*time.Minute)); err != nil {
		s.Errorf("Load after the first expiry: %v", err)
	} else if got := s.dump(loaded.Data); got != `{"a":1.0}` {
		s.Errorf("touched: %s", got)
	}
	if s.caps.ChoosesKeys {
		return // and keeps no expiry
	}
	rec = s.save(rec, s.write(rec.Key, "", s.now.Add(-time.Minute)))
	s.missing(rec.Key)
}

// chosenKeys: every write returns the key that holds it.
func chosenKeys(s *suite) {
	rec := s.create(`{"a":1}`, s.later())
	s.holds(rec.Key, `{"a":1}`)
	now := s.update(rec, `{"a":2}`)
	if now.Key == rec.Key {
		s.Error("Save of other data returned the old key")
	}
	s.holds(now.Key, `{"a":2}`)
}

func keyTaken(s *suite) {
	rec := s.create(`{"a":1}`, s.later())
	if _, err := s.store.Create(s.Context(), s.write(rec.Key, `{"b":2}`, s.later())); !errors.Is(err, django.ErrExists) {
		s.Errorf("Create: %v, want ErrExists", err)
	}
	s.holds(rec.Key, `{"a":1}`)
}

func conflict(s *suite) {
	old := s.create(`{"a":1}`, s.later())
	s.update(old, `{"a":2}`)
	for name, w := range map[string]django.Write{
		"data":  s.write(old.Key, `{"a":3}`, s.later()),
		"touch": s.write(old.Key, "", s.later().Add(time.Hour)),
	} {
		now := s.refused(old, w, django.ErrConflict)
		if now.Version == old.Version {
			s.Fatalf("%s: the conflict's Record does not have the version that is stored now", name)
		}
		if got := s.dump(now.Data); got != `{"a":2}` {
			s.Errorf("%s: the conflict's Record holds %s", name, got)
		}
		s.holds(old.Key, `{"a":2}`)
		// The next attempt starts from what the conflict returned.
		s.save(now, s.write(now.Key, "", s.later()))
	}
}

// sameTwice: two writers store equal data, in one second. The second must learn that it
// was not the first: what it read is no longer stored, though what it wants to store is.
func sameTwice(s *suite) {
	old := s.create(`{"n":1}`, s.later())
	s.update(old, `{"n":2}`)
	now := s.refused(old, s.write(old.Key, `{"n":2}`, s.later()), django.ErrConflict)
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
	for _, w := range []django.Write{
		s.write(rec.Key, `{"a":2}`, s.later()),
		s.write(rec.Key, "", s.later()),
		s.write(moved, `{"a":2}`, s.later()),
		s.write(moved, "", s.later()),
	} {
		w.Merge = func(django.Record) (django.Write, error) {
			s.Error("Merge is called for a session that is gone")
			return w, nil
		}
		s.refused(rec, w, django.ErrNotFound)
	}
	s.missing(rec.Key)
	s.missing(moved)
}
