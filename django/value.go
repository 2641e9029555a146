package django

import (
	"fmt"

	"github.com/djsession/djsession/serializer"
)

// Value reads the value of key into a T; absent, it is def. A value that does
// not fit T is an error that names the key, and def is returned with it. JSON's
// null, Python's None, is no absent value and gives T's zero value, not def. Django's session.get(key, def).
//
// Integers of any size fit json.Number, those that Python reads *big.Int, NaN and the infinities a
// float; json.RawMessage takes whatever is there, as it is. Read into any, an
// integer is an int64 or, too large for that, a *big.Int, and a float a float64:
// set again, each is for Django what it was.
//
// A time.Time takes the strings of datetime.isoformat, str(datetime) and date.isoformat. One
// without an offset is in TIME_ZONE if USE_TZ is False, else in UTC.
func Value[T any](s *Session, key string, def T) (T, error) {
	v, ok := s.Get(key)
	if !ok {
		return def, nil
	}
	return decode(s, key, v, def)
}

// Lookup reads the value of key into a T and reports whether there is one.
func Lookup[T any](s *Session, key string) (T, bool, error) {
	var zero T
	v, ok := s.Get(key)
	if !ok {
		return zero, false, nil
	}
	t, err := decode(s, key, v, zero)
	return t, true, err
}

// Pop removes key and returns the value it had, or def if it is absent; the session is
// then not modified. A value that does not fit T stays where it is. Django's
// session.pop(key, def).
func Pop[T any](s *Session, key string, def T) (T, error) {
	for {
		v, ok := s.Get(key)
		if !ok {
			return def, nil
		}
		t, err := decode(s, key, v, def) // may run code of T's
		if err != nil {
			return t, err
		}
		popped := false
		err = s.change(func() {
			current, ok := s.get(key)
			if popped = ok && current.Equal(v); popped {
				s.remove(key)
			}
		})
		if popped || err != nil {
			return t, err
		}
	}
}

// SetDefault returns the value of key, after setting it to v if it is absent. Django's
// session.setdefault(key, v).
func SetDefault[T any](s *Session, key string, v T) (T, error) {
	val, err := encode(key, v)
	if err != nil {
		return v, err
	}
	err = s.change(func() {
		if current, ok := s.get(key); ok {
			val = current
		} else {
			s.set(key, val)
		}
	})
	if err != nil {
		return v, err
	}
	return decode(s, key, val, v)
}

func decode[T any](s *Session, key string, v serializer.Value, def T) (T, error) {
	var t T
	if err := v.DecodeIn(&t, s.site.naiveLocation()); err != nil {
		return def, fmt.Errorf("django: session key %q: %w", key, err)
	}
	return t, nil
}
