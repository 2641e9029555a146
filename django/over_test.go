package django_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
)

// changesOfASession are the methods that change one; those without an error log.
var changesOfASession = map[string]func(*django.Session) error{
	"Set":        func(s *django.Session) error { return s.Set("b", 1) },
	"SetDefault": func(s *django.Session) error { _, err := django.SetDefault(s, "b", 1); return err },
	"SetAll":     func(s *django.Session) error { return s.SetAll(inOrder("b")) },
	"Renew":      func(s *django.Session) error { return s.Renew("b", 1) },
	"SetExpiry":  func(s *django.Session) error { return s.SetExpiry(60e9) },
	"Pop":        func(s *django.Session) error { _, err := django.Pop(s, "a", 0); return err },
	"Delete":     func(s *django.Session) error { s.Delete("a"); return nil },
	"Clear":      func(s *django.Session) error { s.Clear(); return nil },
	"Abandon":    func(s *django.Session) error { s.Abandon(); return nil },
	"CycleKey":   func(s *django.Session) error { s.CycleKey(); return nil },
	"Mark":       func(s *django.Session) error { s.MarkModified(); return nil },
	"TestCookie": func(s *django.Session) error { s.SetTestCookie(); return nil },
}

var withoutError = "Delete Clear Abandon CycleKey Mark TestCookie"

// A change after the request, or after an Update's function, would be lost: an error
// says so, or else the log.
func TestChangesAfterTheEnd(t *testing.T) {
	for when, leak := range map[string]func(*site) *django.Session{
		"request": func(st *site) (s *django.Session) {
			st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) { s = st.get(r) })
			return s
		},
		"Update": func(st *site) (s *django.Session) {
			must(st.t, st.Update(context.Background(), validKey, func(u *django.Session) error { s = u; return nil }))
			return s
		},
		"UpdateRequest": func(st *site) (s *django.Session) {
			st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) {
				must(st.t, st.UpdateRequest(r, func(u *django.Session) error { s = u; return nil }))
				check(st.t, "what can still be read", s.Has("a"), true)
			})
			return s
		},
	} {
		for name, change := range changesOfASession {
			t.Run(when+"/"+name, func(t *testing.T) {
				st := newSite(t, nil)
				st.put(validKey, `{"a":1}`)
				s := leak(st)
				err := change(s)
				logged := strings.Contains(st.logs.String(), "session changed after its end")
				if strings.Contains(withoutError, name) {
					check(t, "whether it is logged", logged, true)
				} else if !errors.Is(err, django.ErrSessionOver) || logged || jsonOf(t, s) != `{"a":1}` {
					t.Errorf("%v, logged: %t", err, logged)
				}
				check(t, "what is stored", st.data(validKey), `{"a":1}`)
			})
		}
	}
}

// Nor is the session to be had after its request.
func TestGetAfterTheEnd(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	var late *http.Request
	st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) { late = r })
	if _, err := st.Get(late); !errors.Is(err, django.ErrSessionOver) {
		t.Errorf("Get: %v", err)
	}
	if err := st.UpdateRequest(late, increment); !errors.Is(err, django.ErrSessionOver) {
		t.Errorf("UpdateRequest: %v", err)
	}
	check(t, "calls", st.store.count(), "")
}

// A change by another goroutine, which comes between the last save and the end of the
// request, is logged.
func TestChangeBetweenTheSaveAndTheEnd(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) {
		s := st.get(r)
		must(t, s.Set("b", 1))
		st.store.on("Save", func() error { return s.Set("c", 1) })
	})
	check(t, "what is stored", st.data(validKey), `{"a":1,"b":1}`)
	check(t, "whether it is logged", strings.Contains(st.logs.String(), "session changed after its last save"), true)
}

// A panic ends the session as a return does.
func TestPanicEndsTheSession(t *testing.T) {
	for _, cookie := range []string{validKey, ""} {
		st := newSite(t, nil)
		st.put(validKey, `{"a":1}`)
		var s *django.Session
		var late *http.Request
		func() {
			defer func() { _ = recover() }()
			st.serve(cookie, func(_ http.ResponseWriter, r *http.Request) {
				s, late = st.get(r), r
				panic(http.ErrAbortHandler)
			})
		}()
		_, getErr := st.Get(late)
		for name, err := range map[string]error{"Set": s.Set("b", 1), "Get": getErr, "UpdateRequest": st.UpdateRequest(late, increment)} {
			if !errors.Is(err, django.ErrSessionOver) {
				t.Errorf("%s: %v", name, err)
			}
		}
		check(t, "sessions", len(st.keys()), 1)
	}
}

// Of what a goroutine sets while its Update's function returns, either it is stored, or
// Set returns an error.
func TestSetWhileTheUpdateReturns(t *testing.T) {
	ss, err := django.New(testSettings(), memstore.New())
	must(t, err)
	s := ss.NewSession()
	must(t, s.Set("n", 0))
	must(t, s.Save(t.Context()))
	for range 300 {
		last, done := 0, make(chan struct{})
		must(t, ss.Update(t.Context(), s.Key(), func(u *django.Session) error {
			started := make(chan struct{})
			go func() {
				defer close(done)
				for i := 1; u.Set("n", i) == nil; i++ {
					if last = i; i == 1 {
						close(started)
					}
				}
			}()
			<-started
			return nil
		}))
		<-done
		stored, err := ss.Load(t.Context(), s.Key())
		must(t, err)
		n, err := django.Value(stored, "n", 0)
		must(t, err)
		if n != last {
			t.Fatalf("stored is %d, and Set accepted %d", n, last)
		}
	}
}
