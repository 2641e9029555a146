package compat

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
)

func (c *engineCell) missing(t *testing.T, key string) {
	t.Helper()
	if _, err := c.sessions.Load(t.Context(), key); !errors.Is(err, django.ErrNotFound) {
		t.Errorf("Go loads it: %v, want ErrNotFound", err)
	}
	if c.judge(t, key).Found {
		t.Error("Django finds it")
	}
	if askEngine[bool](t, c, "engine_exists", testenv.Args{"session_key": key}) {
		t.Error("it exists for Django")
	}
}

// engineLogout: a session that one side deletes or flushes is gone for the other at once, and a
// concurrent save there does not bring it back.
func engineLogout(t *testing.T, c *engineCell) {
	for name, end := range map[string]func(t *testing.T, key string){
		"Django deletes": func(t *testing.T, key string) {
			askEngine[any](t, c, "engine_delete", testenv.Args{"session_key": key})
		},
		"Django flushes": func(t *testing.T, key string) { c.change(t, key, []any{"flush"}) },
		"Go deletes": func(t *testing.T, key string) {
			if err := c.sessions.Delete(t.Context(), key); err != nil {
				t.Fatal(err)
			}
		},
		"Go flushes": func(t *testing.T, key string) {
			if err := c.load(t, key).Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			key := c.create(t, simple)
			c.judge(t, key) // as a request does, which fills the cache of cached_db
			late, cycling := c.load(t, key), c.load(t, key)
			end(t, key)
			c.missing(t, key)
			set(t, late, "late", true)
			if err := late.Save(t.Context()); !errors.Is(err, django.ErrInterrupted) {
				t.Errorf("Save of a session that is gone: %v, want ErrInterrupted", err)
			}
			cycling.CycleKey()
			if err := cycling.Save(t.Context()); !errors.Is(err, django.ErrInterrupted) {
				t.Errorf("Save with a cycled key of a session that is gone: %v, want ErrInterrupted", err)
			}
			c.missing(t, key)
		})
	}
}

// engineCycles: the old key is invalid, and the new one has the same data.
func engineCycles(t *testing.T, c *engineCell) {
	first := c.create(t, simple)
	c.judge(t, first)
	s := c.load(t, first)
	s.CycleKey()
	save(t, s)
	second := s.Key()
	c.holds(t, second, simple)
	third := c.change(t, second, []any{"cycle_key"}, []any{"set", "c", fixtures.NewInt(3)})
	c.holds(t, third, simple.With("c", fixtures.NewInt(3)))
	if !c.inCookie() { // of which copies cannot be ended
		c.missing(t, first)
		c.missing(t, second)
	}
}

// engineExpiries are expiries as Django's set_expiry takes them, and as Go sets them. A date needs
// a serializer that has dates, or Django 4.1.
var engineExpiries = []struct {
	name   string
	django func() any
	set    func(*django.Session) error
	date   bool
}{
	{"none", func() any { return nil }, func(*django.Session) error { return nil }, false},
	{"seconds", func() any { return fixtures.NewInt(3600) }, func(s *django.Session) error { return s.SetExpiry(time.Hour) }, false},
	{"40 days", func() any { return fixtures.NewInt(40 * 86400) }, func(s *django.Session) error { return s.SetExpiry(40 * 24 * time.Hour) }, false},
	{"browser close", func() any { return fixtures.NewInt(0) }, func(s *django.Session) error { return s.SetExpiry(0) }, false},
	{"date", func() any {
		return fixtures.Value{Kind: "datetime", Text: inTwoDays().Format("2006-01-02T15:04:05+00:00")}
	}, func(s *django.Session) error { return s.SetExpiryDate(inTwoDays()) }, true},
}

func inTwoDays() time.Time { return time.Now().Add(48 * time.Hour).UTC().Truncate(time.Second) }

// engineExpiry: both sides store a session for the same time, and agree on when it ends.
func engineExpiry(t *testing.T, c *engineCell) {
	for _, e := range engineExpiries {
		if e.date && !c.django.AtLeast(4, 1) && c.engine.kind != "pickle" || e.date && c.engine.kind == "msgpack" {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			var theirs string
			if expiry := e.django(); expiry != nil {
				theirs = c.create(t, simple, expiry)
			} else {
				theirs = c.create(t, simple)
			}
			s := c.sessions.NewSession()
			set(t, s, "a", 1)
			if err := e.set(s); err != nil {
				t.Fatal(err)
			}
			save(t, s)
			left := func(key string) *float64 {
				return askEngine[*float64](t, c, "engine_time_left", testenv.Args{"session_key": key})
			}
			// Whole seconds, and those that pass between the two.
			if django, ours := left(theirs), left(s.Key()); (django == nil) != (ours == nil) || django != nil && math.Abs(*django-*ours) > 2.5 {
				t.Errorf("Django keeps its session for %v seconds, Go for %v", shown(django), shown(ours))
			}
			for name, key := range map[string]string{"Django's": theirs, "Go's": s.Key()} {
				loaded := c.judge(t, key)
				session := c.load(t, key)
				age, err := session.ExpiryAge()
				if err != nil {
					t.Fatal(err)
				}
				if !loaded.Found || math.Abs(loaded.Expiry.Age-age.Seconds()) > 2.5 || loaded.Expiry.BrowserClose != session.ExpireAtBrowserClose() {
					t.Errorf("%s: Django: found %t, %+v; Go: %v, %t", name, loaded.Found, loaded.Expiry, age, session.ExpireAtBrowserClose())
				}
			}
		})
	}
}

func shown(seconds *float64) any {
	if seconds == nil {
		return "no"
	}
	return *seconds
}
