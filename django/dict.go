package django

import (
	"fmt"
	"iter"
	"unicode/utf8"

	"github.com/djsession/djsession/serializer"
)

// Get returns the value of key as it is stored, and whether there is one; [Value] reads it
// into a Go type. Django's get.
func (s *Session) Get(key string) (serializer.Value, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.get(key)
}

func (s *Session) get(key string) (serializer.Value, bool) {
	s.accessed = true
	return s.data.Get(key)
}

// Has reports whether the session has key. Django's has_key, "key in session".
func (s *Session) Has(key string) bool {
	_, ok := s.Get(key)
	return ok
}

// Len returns the number of keys.
func (s *Session) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accessed = true
	return s.data.Len()
}

// Set sets key to v, written as Python writes it: an int as 2, a float64 as 2.0, a struct
// by its json tags. A value that JSON cannot hold, or that Django could not read back (an
// integer of more than 4,300 digits, more than 500 levels of nesting), is an error and
// leaves the session unchanged. Django's session[key] = value.
//
// A session that is pickled holds the same, unless v is a Value of [serializer.EncodePickle],
// which elsewhere is an error.
//
// A nil slice, map or pointer is null, Python's None, not an empty list or dict. A struct
// replaces the whole value; set a serializer.Dict to keep fields that the struct lacks.
func (s *Session) Set(key string, v any) error {
	val, err := s.encode(key, v)
	if err != nil {
		return err
	}
	return s.change(func() { s.set(key, val) })
}

// SetAll sets every key of items in their order; for a map use maps.All. If one value
// cannot be set, none is. Django's update.
func (s *Session) SetAll(items iter.Seq2[string, any]) error {
	var set changes
	for key, v := range items {
		val, err := s.encode(key, v)
		if err != nil {
			return err
		}
		set.set(key, val)
	}
	return s.change(func() {
		s.touch()
		set.replay(s.remove, s.set)
	})
}

// Delete removes key and reports whether it was there; if not, the session is not modified.
// Django's del session[key], without the KeyError.
func (s *Session) Delete(key string) (deleted bool) {
	s.changeOrLog(func() {
		if _, deleted = s.get(key); deleted {
			s.remove(key)
		}
	})
	return deleted
}

// Keys iterates over the keys in order, as they are when the iteration starts. Django's
// keys.
func (s *Session) Keys() iter.Seq[string] {
	return func(yield func(string) bool) { s.snapshot().Keys()(yield) }
}

// Values iterates over the values in the order of the keys, as they are when the iteration
// starts. Django's values.
func (s *Session) Values() iter.Seq[serializer.Value] {
	return func(yield func(serializer.Value) bool) { s.snapshot().Values()(yield) }
}

// Items iterates over keys and values in their order, as they are when the iteration
// starts. Django's items.
func (s *Session) Items() iter.Seq2[string, serializer.Value] {
	return func(yield func(string, serializer.Value) bool) { s.snapshot().All()(yield) }
}

// snapshot returns the dict as it is now; later changes do not reach it.
func (s *Session) snapshot() *serializer.Dict {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accessed, s.shared = true, true
	return s.data
}

func (s *Session) encode(key string, v any) (serializer.Value, error) {
	if !utf8.ValidString(key) {
		if _, err := serializer.Encode(key); err != nil {
			return serializer.Value{}, fmt.Errorf("django: session key is not valid UTF-8: %q", key)
		}
	}
	val, err := serializer.Encode(v)
	if err == nil && val.Format() != serializer.FormatJSON && val.Format() != s.site.caps.Format {
		err = serializer.ErrFormat
	}
	if err != nil {
		return val, fmt.Errorf("django: cannot set session key %q: %w", key, err)
	}
	return val, nil
}

// The methods below are called with the session locked.

func (s *Session) set(key string, v serializer.Value) {
	s.touch()
	s.own().Set(key, v)
	s.changes.set(key, v)
}

func (s *Session) remove(key string) {
	s.touch()
	s.own().Delete(key)
	s.changes.del(key)
}
