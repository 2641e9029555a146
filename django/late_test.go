package django_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
)

// After the headers have gone a change is saved if the session has its cookie,
// and logged if it has not; nothing is left under a key that nobody knows.
func TestLateChanges(t *testing.T) {
	tests := []struct {
		name, cookie string
		late         func(*http.Request, *site) error
		stored       string // under validKey, at the end
		logged       bool
	}{
		{"set", validKey, func(r *http.Request, st *site) error { return st.get(r).Set("b", 1) }, `{"a":1,"b":1}`, false},
		{"read", validKey, func(r *http.Request, st *site) error { st.get(r).Get("a"); return nil }, `{"a":1}`, false},
		{"clear", validKey, func(r *http.Request, st *site) error { st.get(r).Clear(); return nil }, `{}`, false},
		{"flush", validKey, func(r *http.Request, st *site) error { return st.get(r).Flush(r.Context()) }, ``, false},
		{"cycle", validKey, func(r *http.Request, st *site) error { st.get(r).CycleKey(); return nil }, `{"a":1}`, true},
		{"new", "", func(r *http.Request, st *site) error { return st.get(r).Set("b", 1) }, `{"a":1}`, true},
		{"unknown", unknownKey, func(r *http.Request, st *site) error { return st.get(r).Set("b", 1) }, `{"a":1}`, true},
		{"new and empty", "", func(r *http.Request, st *site) error { st.get(r).MarkModified(); return nil }, `{"a":1}`, false},
		{"flush and set", validKey, func(r *http.Request, st *site) error {
			if err := st.get(r).Flush(r.Context()); err != nil {
				return err
			}
			return st.get(r).Set("b", 1)
		}, ``, true},
		{"saved by hand", validKey, func(r *http.Request, st *site) error {
			_ = st.get(r).Set("b", 1)
			return st.get(r).Save(r.Context())
		}, `{"a":1,"b":1}`, false},
		{"new, saved by hand", "", func(r *http.Request, st *site) error {
			_ = st.get(r).Set("b", 1)
			if err := st.get(r).Save(r.Context()); !errors.Is(err, django.ErrHeadersSent) {
				return fmt.Errorf("saved: %v", err)
			}
			return nil
		}, `{"a":1}`, true},
		{"deleted meanwhile", validKey, func(r *http.Request, st *site) error {
			_ = st.get(r).Set("b", 1)
			return st.other().Delete(r.Context(), validKey)
		}, ``, true},
	}
	for _, loaded := range []bool{false, true} {
		for _, tt := range tests {
			t.Run(fmt.Sprintf("%s/loaded=%v", tt.name, loaded), func(t *testing.T) {
				st := newSite(t, nil)
				st.put(validKey, `{"a":1}`)
				w := st.serve(tt.cookie, func(w http.ResponseWriter, r *http.Request) {
					if loaded {
						st.get(r).Get("a")
					}
					fmt.Fprint(w, "hello")
					must(t, tt.late(r, st))
				})
				check(t, "the status", w.Code, 200)
				check(t, "the body", w.Body.String(), "hello")
				check(t, "what is stored", st.data(validKey), tt.stored)
				if n := len(st.keys()); n > 1 || n == 1 && tt.stored == "" {
					t.Errorf("%d sessions", n)
				}
				check(t, "an error is logged", strings.Contains(st.logs.String(), "level=ERROR"), tt.logged)
			})
		}
	}
}

// A response that failed saves nothing late either.
func TestLateChangesOfAnError(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(500)
		must(t, st.get(r).Set("b", 1))
	})
	check(t, "what is stored", st.data(validKey), `{"a":1}`)
}

// A renewal that comes when the headers have gone is none, and takes no other
// change with it.
func TestRenewAfterTheHeaders(t *testing.T) {
	for _, change := range []bool{false, true} {
		st := newSite(t, nil)
		st.put(validKey, `{"a":1}`)
		w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
			s := st.get(r)
			w.WriteHeader(http.StatusOK)
			must(t, s.Renew("hash", "x"))
			if change {
				must(t, s.Set("b", 2))
			}
		})
		check(t, "the status", w.Code, http.StatusOK)
		want := map[bool]string{false: `{"a":1}`, true: `{"a":1,"b":2}`}[change]
		check(t, "what is stored", st.data(validKey), want)
		check(t, "an error is logged", strings.Contains(st.logs.String(), "level=ERROR"), false)
	}
}

// A renewal that is saved by hand tells nothing either.
func TestRenewOfASessionThatIsGone(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	s := st.load(validKey)
	must(t, s.Renew("hash", "x"))
	must(t, st.other().Delete(t.Context(), validKey))
	must(t, s.Save(t.Context()))
	check(t, "the number of sessions", len(st.keys()), 0)
	must(t, s.Set("b", 2))
	if err := s.Save(t.Context()); !errors.Is(err, django.ErrInterrupted) {
		t.Errorf("Save: %v", err)
	}
}

// A Hijack drops a renewal. What is changed afterwards is saved under the old key.
func TestSetAfterAHijackThatDroppedARenewal(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	st.hijack(validKey, func() {}, func(w http.ResponseWriter, r *http.Request) {
		s := st.get(r)
		must(t, s.Renew("a", 2))
		_, _, err := w.(http.Hijacker).Hijack()
		must(t, err)
		check(t, "what is stored", st.data(validKey), `{"a":1}`)
		must(t, s.Set("b", 1))
	})
	check(t, "what is stored at the end", st.data(validKey) != `{"a":1}`, true)
	check(t, "the keys", fmt.Sprint(st.keys()), fmt.Sprint([]string{validKey}))
	check(t, "an error is logged", strings.Contains(st.logs.String(), "level=ERROR"), false)
}
