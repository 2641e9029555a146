package django_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/djsession/djsession/django"
)

// A session whose move to a new key was in doubt, and then found to have happened, stays
// where it was found, whatever fails after that.
func TestMoveThatWasFoundIsKept(t *testing.T) {
	for name, fail := range map[string]func(st *site, cancel func()){
		"the store fails": func(st *site, _ func()) {
			calls := 0
			st.store.on("Save", func() error {
				if calls++; calls > 2 {
					return errDown
				}
				return nil
			})
		},
		"the context ends": func(st *site, cancel func()) {
			loads := 0
			st.store.on("Load", func() error {
				if loads++; loads == 2 { // the first gets past dead connections
					cancel()
				}
				return nil
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				st := newSite(t, nil, django.WithTimeout(300*time.Millisecond))
				st.put(validKey, `{"a":1}`)
				s := st.load(validKey)
				must(t, s.Set("b", 2))
				s.CycleKey()
				st.store.lose("Save", 1)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				fail(st, cancel)
				_ = s.Save(ctx)
				st.store.on("Save", nil)
				st.store.on("Load", nil)
				must(t, s.Save(t.Context()))
				check(t, "sessions", len(st.keys()), 1)
				check(t, "what is stored", st.data(s.Key()), `{"a":1,"b":2}`)
			})
		})
	}
}

// The browser gets the key under which a session is known to be, with whatever the
// response is.
func TestKnownKeyReachesTheBrowser(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		do     func(*testing.T, *site, http.ResponseWriter, *http.Request)
	}{
		"a move that was found, and a store that fails": {503, func(t *testing.T, st *site, _ http.ResponseWriter, r *http.Request) {
			must(t, st.get(r).Set("login", 2))
			st.get(r).CycleKey()
			st.store.lose("Save", 1)
			calls := 0
			st.store.on("Save", func() error {
				if calls++; calls > 2 {
					return errDown
				}
				return nil
			})
		}},
		"moved, then abandoned": {200, func(t *testing.T, st *site, _ http.ResponseWriter, r *http.Request) {
			st.get(r).CycleKey()
			must(t, st.get(r).Save(r.Context()))
			st.get(r).Abandon()
		}},
		"moved, then abandoned, and an error page": {500, func(t *testing.T, st *site, w http.ResponseWriter, r *http.Request) {
			st.get(r).CycleKey()
			must(t, st.get(r).Save(r.Context()))
			st.get(r).Abandon()
			must(t, st.get(r).Set("b", 1))
			w.WriteHeader(500)
		}},
		"abandoned during the save that moved it": {200, func(t *testing.T, st *site, _ http.ResponseWriter, r *http.Request) {
			s := st.get(r)
			s.CycleKey()
			st.store.once("Save", func() error { s.Abandon(); return nil })
			must(t, s.Save(r.Context()))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				st := newSite(t, nil, django.WithTimeout(300*time.Millisecond))
				st.put(validKey, `{"a":1}`)
				w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) { c.do(t, st, w, r) })
				check(t, "the status", w.Code, c.status)
				check(t, "sessions", len(st.keys()), 1)
				cookies := w.Result().Cookies()
				if len(cookies) != 1 || cookies[0].Value != st.keys()[0] || cookies[0].MaxAge <= 0 {
					t.Errorf("the browser is not told the key: %d cookies", len(cookies))
				}
			})
		})
	}
}

// An error page does not replace the cookie of an abandoned session, which is still
// there, by that of a new one.
func TestErrorKeepsTheAbandonedCookie(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		s := st.get(r)
		s.Abandon()
		must(t, s.Set("b", 1))
		must(t, s.Save(r.Context()))
		w.WriteHeader(500)
	})
	check(t, "Set-Cookie", w.Header().Get("Set-Cookie"), "")
}

// A session cookie that the handler set, a proxied Django's login, survives the failure
// of the session here.
func TestFailureKeepsAForeignCookie(t *testing.T) {
	for name, do := range map[string]func(*testing.T, *site, *http.Request){
		"at the save":     func(t *testing.T, st *site, r *http.Request) { must(t, st.get(r).Set("b", 1)) },
		"at an update":    func(t *testing.T, st *site, r *http.Request) { _ = st.UpdateRequest(r, increment) },
		"before the save": func(t *testing.T, st *site, r *http.Request) { st.store.fail("Load", errDown); _, _ = st.Get(r) },
	} {
		t.Run(name, func(t *testing.T) {
			st := newSite(t, nil)
			st.put(validKey, `{"a":1}`)
			st.store.fail("Save", errDown)
			w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
				do(t, st, r)
				http.SetCookie(w, &http.Cookie{Name: "sessionid", Value: unknownKey})
				http.SetCookie(w, &http.Cookie{Name: "other", Value: "x"})
			})
			check(t, "the status", w.Code, http.StatusServiceUnavailable)
			lines := w.Header()["Set-Cookie"]
			if len(lines) != 1 || !strings.Contains(lines[0], unknownKey) {
				t.Errorf("%d cookies", len(lines))
			}
		})
	}
}

// A login that another goroutine makes while the connection is being hijacked gets no key
// that nobody can be told.
func TestNoNewKeyDuringHijack(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	var inner *http.Request
	st.hijack(validKey, func() {
		if err := st.UpdateRequest(inner, func(s *django.Session) error { s.CycleKey(); return nil }); err == nil {
			t.Error("the key was cycled")
		}
	}, func(w http.ResponseWriter, r *http.Request) {
		st.get(r)
		inner = r
		_, _, err := w.(http.Hijacker).Hijack()
		must(t, err)
	})
	check(t, "the key", st.keys()[0], validKey)
}

// An abandoned session's cookie stays if that happens in an update.
func TestAbandonInAnUpdate(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		must(t, st.UpdateRequest(r, func(s *django.Session) error { s.Abandon(); return nil }))
	})
	check(t, "what is stored", st.data(validKey), `{"a":1}`)
	check(t, "Set-Cookie", w.Header().Get("Set-Cookie"), "")
}

// Flush is a visitor's own wish: it removes an abandoned session, with its cookie.
func TestFlushAfterAbandon(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		st.get(r).Abandon()
		must(t, st.get(r).Flush(r.Context()))
	})
	check(t, "sessions", len(st.keys()), 0)
	check(t, "Max-Age", w.Result().Cookies()[0].MaxAge, -1)
}

// Two renewals are as optional as one.
func TestRenewTwice(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	s := st.load(validKey)
	must(t, s.Renew("h", 1))
	st.store.once("Save", func() error { must(t, s.Renew("h", 1)); return errDown })
	if s.Save(t.Context()) == nil {
		t.Error("Save gave no error")
	}
	must(t, st.Delete(t.Context(), validKey))
	must(t, s.Save(t.Context()))
}
