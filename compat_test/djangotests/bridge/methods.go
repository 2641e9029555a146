package main

import (
	"maps"
	"slices"
	"time"

	"github.com/djsession/djsession/django"
)

// methods are the methods of Session that do not call the store.
var methods = map[string]struct {
	changes bool
	f       func(*django.Session, *sessionArgs) (any, error)
}{
	"get": {false, func(s *django.Session, a *sessionArgs) (any, error) {
		v, ok := s.Get(a.Key)
		return found(v, ok), nil
	}},
	"has":  {false, func(s *django.Session, a *sessionArgs) (any, error) { return s.Has(a.Key), nil }},
	"keys": {false, func(s *django.Session, a *sessionArgs) (any, error) { return list(slices.Collect(s.Keys())), nil }},
	"values": {false, func(s *django.Session, a *sessionArgs) (any, error) {
		values := []string{}
		for v := range s.Values() {
			values = append(values, string(v.Bytes()))
		}
		return values, nil
	}},
	"items": {false, func(s *django.Session, a *sessionArgs) (any, error) { return itemsText(s), nil }},
	"set":   {true, func(s *django.Session, a *sessionArgs) (any, error) { return nil, s.Set(a.Key, fromPython(a.Value)) }},
	"delete": {true, func(s *django.Session, a *sessionArgs) (any, error) {
		return s.Delete(a.Key), nil
	}},
	"pop": {true, func(s *django.Session, a *sessionArgs) (any, error) {
		v, ok := s.Get(a.Key)
		s.Delete(a.Key)
		return found(v, ok), nil
	}},
	"setdefault": {true, func(s *django.Session, a *sessionArgs) (any, error) {
		_, err := django.SetDefault(s, a.Key, fromPython(a.Value))
		v, _ := s.Get(a.Key)
		return string(v.Bytes()), err
	}},
	"update": {true, func(s *django.Session, a *sessionArgs) (any, error) {
		values := map[string]any{}
		for k, v := range a.Values {
			values[k] = fromPython(string(v))
		}
		return nil, s.SetAll(maps.All(values))
	}},
	"clear": {true, func(s *django.Session, a *sessionArgs) (any, error) { s.Clear(); return nil, nil }},
	"set_expiry": {true, func(s *django.Session, a *sessionArgs) (any, error) {
		return nil, s.SetExpiry(time.Duration(a.Seconds) * time.Second)
	}},
	"set_expiry_date": {true, func(s *django.Session, a *sessionArgs) (any, error) {
		return nil, s.SetExpiryDate(time.Unix(a.Date[0], a.Date[1]))
	}},
	"reset_expiry": {true, func(s *django.Session, a *sessionArgs) (any, error) { s.ResetExpiry(); return nil, nil }},
	"expiry_age": {false, func(s *django.Session, a *sessionArgs) (any, error) {
		age, err := s.ExpiryAge()
		return int64(age / time.Second), err
	}},
	"expiry_date": {false, func(s *django.Session, a *sessionArgs) (any, error) {
		t, err := s.ExpiryDate()
		return t.Format("2006-01-02T15:04:05.000000-07:00"), err
	}},
	"browser_close": {false, func(s *django.Session, a *sessionArgs) (any, error) { return s.ExpireAtBrowserClose(), nil }},
	"set_test_cookie": {true, func(s *django.Session, a *sessionArgs) (any, error) {
		s.SetTestCookie()
		return nil, nil
	}},
	"test_cookie_worked": {false, func(s *django.Session, a *sessionArgs) (any, error) { return s.TestCookieWorked(), nil }},
	"delete_test_cookie": {true, func(s *django.Session, a *sessionArgs) (any, error) {
		was := s.Has("testcookie")
		s.DeleteTestCookie()
		return was, nil
	}},
}

func sessionDo(c *call) (any, error) {
	h := c.handle()
	m, ok := methods[c.args.Do]
	if !ok {
		fail("no such method: %q", c.args.Do)
	}
	args := c.args
	result, err := h.do(func(s *django.Session) (any, error) { return m.f(s, &args) }, m.changes)
	return h.state(map[string]any{"result": result}), err
}
