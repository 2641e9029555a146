package django

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/djsession/djsession/serializer"
)

// Get returns the value of key as it is stored, and whether there is one.
// [Value] reads it into a Go type in one line. Django's get.
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

// Set sets key to v, written as Python would write it: an int as 2, a float64
// as 2.0, a struct by its json tags, a json.Marshaler by its own word. A value
// that JSON has no form for, or that Django could not read back (an integer of
// more than 4,300 digits, more than 500 levels of nesting), is an error that
// leaves the session unchanged. Django's session[key] = value.
//
// A nil slice, map or pointer is null, Python's None: what the other side takes
// for a list or a dict has to be empty, not nil. A struct replaces the whole value,
// fields that it does not know included; set a serializer.Dict to keep those.
func (s *Session) Set(key string, v any) error {
	val, err := encode(key, v)
	if err != nil {
		return err
	}
	return s.change(func() { s.set(key, val) })
}

func (s *Session) set(key string, v serializer.Value) {
	s.own().Set(key, v)
	s.changes.set(key, v)
	s.touch()
}

func encode(key string, v any) (serializer.Value, error) {
	if !utf8.ValidString(key) {
		if _, err := serializer.Encode(key); err != nil {
			return serializer.Value{}, fmt.Errorf("django: session key is not valid UTF-8: %q", key)
		}
	}
	val, err := serializer.Encode(v)
	if err != nil {
		return val, fmt.Errorf("django: cannot set session key %q: %w", key, err)
	}
	return val, nil
}

// Delete removes key and reports whether it was there; if not, the session is
// not modified. Django's del session[key], without the KeyError.
func (s *Session) Delete(key string) bool {
	_, ok := s.Pop(key)
	return ok
}

// Pop removes key and returns the value it had, and whether it was there; if
// not, the session is not modified. Django's pop.
func (s *Session) Pop(key string) (v serializer.Value, ok bool) {
	s.changeOrLog(func() {
		if v, ok = s.get(key); ok {
			s.remove(key)
		}
	})
	return v, ok
}

// popIf is Pop if the value is still v, and reports whether it was.
func (s *Session) popIf(key string, v serializer.Value) (popped bool, err error) {
	err = s.change(func() {
		current, ok := s.get(key)
		if popped = ok && current.Equal(v); popped {
			s.remove(key)
		}
	})
	return popped, err
}

func (s *Session) remove(key string) {
	s.own().Delete(key)
	s.changes.del(key)
	s.touch()
}

// SetDefault returns the value of key; if there is none, it sets v first.
// Django's setdefault.
func (s *Session) SetDefault(key string, v any) (serializer.Value, error) {
	val, err := encode(key, v)
	if err != nil {
		return val, err
	}
	err = s.change(func() {
		if old, ok := s.get(key); ok {
			val = old
			return
		}
		s.set(key, val)
	})
	return val, err
}

// Update sets every key of values, in the order of the keys since a Go map has
// none of its own. If one value cannot be set, none is. Django's update.
func (s *Session) Update(values map[string]any) error {
	keys := slices.Sorted(maps.Keys(values))
	encoded := make([]serializer.Value, len(keys))
	for i, k := range keys {
		var err error
		if encoded[i], err = encode(k, values[k]); err != nil {
			return err
		}
	}
	return s.change(func() {
		s.touch()
		for i, k := range keys {
			s.set(k, encoded[i])
		}
	})
}

// Keys iterates over the keys in their order, as they are when the iteration
// starts. Django's keys.
func (s *Session) Keys() iter.Seq[string] {
	return func(yield func(string) bool) {
		for k := range s.Items() {
			if !yield(k) {
				return
			}
		}
	}
}

// Values iterates over the values in the order of the keys, as they are when
// the iteration starts. Django's values.
func (s *Session) Values() iter.Seq[serializer.Value] {
	return func(yield func(serializer.Value) bool) {
		for _, v := range s.Items() {
			if !yield(v) {
				return
			}
		}
	}
}

// Items iterates over keys and values in their order, as they are when the
// iteration starts. Django's items.
func (s *Session) Items() iter.Seq2[string, serializer.Value] {
	return func(yield func(string, serializer.Value) bool) {
		for k, v := range s.snapshot().All() {
			if !yield(k, v) {
				return
			}
		}
	}
}

// snapshot returns the dict as it is now, which later changes do not reach.
func (s *Session) snapshot() *serializer.Dict {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accessed, s.shared = true, true
	return s.data
}
