package storetest

import (
	"errors"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// merging is a Write of {"a":1,"b":2} whose Merge sets b to 2 in what is stored.
func (s *suite) merging(key string) django.Write {
	w := s.write(key, `{"a":1,"b":2}`, s.later())
	w.Merge = func(current django.Record) (django.Write, error) {
		two, err := serializer.Encode(2)
		if err != nil {
			return django.Write{}, err
		}
		current.Data.Set("b", two)
		merged := w
		merged.Data, merged.Expires = current.Data, s.later()
		return merged, nil
	}
	return w
}

// merge: where another writer stored the session, Save stores what Merge returns.
func merge(s *suite) {
	for _, name := range []string{"save", "move"} {
		old := s.create(`{"a":1}`, s.later())
		s.update(old, `{"a":"other","z":0}`)
		key, want := old.Key, `{"a":"other","z":0,"b":2}`
		if name == "move" {
			key = newKey()
		}
		now := s.save(old, s.merging(key))
		if now.Key != key {
			s.Errorf("%s: the Record's key is not that of the Write", name)
		}
		s.holds(key, want)
		if key != old.Key {
			s.missing(old.Key)
		}
		s.update(now, `{"c":3}`) // the merged Record is good for the next Save
	}

	old := s.create(`{"a":1}`, s.later())
	s.update(old, `{"a":2}`)
	refusal := errors.New("cannot be merged")
	w := s.merging(old.Key)
	w.Merge = func(django.Record) (django.Write, error) { return django.Write{}, refusal }
	s.refused(old, w, refusal)
	s.holds(old.Key, `{"a":2}`)
}

// noMerge: a store that does not claim to merge returns the conflict.
func noMerge(s *suite) {
	old := s.create(`{"a":1}`, s.later())
	s.update(old, `{"a":"other"}`)
	s.refused(old, s.merging(old.Key), django.ErrConflict)
	s.holds(old.Key, `{"a":"other"}`)
}
