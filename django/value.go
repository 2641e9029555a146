package django

import (
	"fmt"

	"github.com/djsession/djsession/serializer"
)

// Value returns the value of key as a T, or def if it is absent. A value that does not fit
// T is an error that names the key, with def. Null, Python's None, is not absent: it gives
// T's zero value. Django's session.get(key, def).
//
// json.Number takes integers of any size, *big.Int those that Python reads, a float also
// NaN and the infinities, json.RawMessage everything as it is. As an any, an integer is an
// int64, or a *big.Int if it is larger, and a float a float64, which Set writes back as the
// same type. A time.Time takes the strings of datetime.isoformat, str(datetime) and
// date.isoformat; without an offset they are in TIME_ZONE if USE_TZ is False, else UTC.
func Value[T any](s *Session, key string, def T) (T, error) {
	v, ok := s.Get(key)
	if !ok {
		return def, nil
	}
	return decode(s, key, v, def)
}

// Lookup returns the value of key as a T, and whether there is one.
func Lookup[T any](s *Session, key string) (T, bool, error) {
	var zero T
	v, ok := s.Get(key)
	if !ok {
		return zero, false, nil
	}
	t, err := decode(s, key, v, zero)
	return t, true, err
}

// Pop removes key and returns the value it had, or def if it is absent; the session is then
// not modified. A value that does not fit T stays where it is. Django's session.pop(key,
// def).
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
	val, err := s.encode(key, v)
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
