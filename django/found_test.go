package django_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/djsession/djsession/django"
)

// cycledInDoubt leaves the session of r with a new key of which it is not known whether
// it was stored. It was.
func cycledInDoubt(t *testing.T, st *site, r *http.Request) *django.Session {
	t.Helper()
	s := st.get(r)
	s.CycleKey()
	ctx, cancel := context.WithCancel(r.Context())
	st.loseOnce(cancel)
	if err := s.Save(ctx); !errors.Is(err, django.ErrOutcomeUnknown) {
		t.Fatalf("Save: %v", err)
	}
	return s
}

// An update that finds out that the session had moved runs its function on what is
// stored, and not on its own first result.
func TestUpdateAfterAMoveInDoubt(t *testing.T) {
	own := errors.New("the function's own")
	for name, c := range map[string]struct {
		f    func(run int, s *django.Session) error
		err  error
		want string
	}{
		"a counter": {func(_ int, s *django.Session) error { return increment(s) }, nil, `{"n":1}`},
		"an error at the end": {func(run int, s *django.Session) error {
			return errors.Join(s.Set("x", run), map[int]error{2: own}[run])
		}, own, `{"n":0}`},
	} {
		t.Run(name, func(t *testing.T) {
			st := newSite(t, nil)
			st.put(validKey, `{"n":0}`)
			w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
				s := cycledInDoubt(t, st, r)
				run := 0
				err := st.UpdateRequest(r, func(s *django.Session) error { run++; return c.f(run, s) })
				if !errors.Is(err, c.err) {
					t.Errorf("UpdateRequest: %v", err)
				}
				check(t, "what the session holds", jsonOf(t, s), c.want)
			})
			check(t, "sessions", len(st.keys()), 1)
			check(t, "what is stored", st.data(st.keys()[0]), c.want)
			check(t, "the cookie", w.Result().Cookies()[0].Value, st.keys()[0])
		})
	}
}

// A move that an update finds is kept, even if the update then fails.
func TestMoveFoundByAnUpdateIsKept(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"n":0}`)
	w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		cycledInDoubt(t, st, r)
		st.store.on("Load", nil)
		runs := 0
		_ = st.UpdateRequest(r, func(s *django.Session) error {
			if runs++; runs == 2 {
				st.store.fail("Save", errDown)
			}
			return increment(s)
		})
	})
	check(t, "the status", w.Code, http.StatusServiceUnavailable)
	check(t, "sessions", len(st.keys()), 1)
	check(t, "the cookie", w.Result().Cookies()[0].Value, st.keys()[0])
}

// A session that is abandoned during the middleware's own save keeps its cookie, or gets
// that of the key it moved to; never an empty one.
func TestAbandonDuringTheCommit(t *testing.T) {
	for name, c := range map[string]struct {
		cookie string
		before func(*django.Session)
		after  func(*django.Session)
		told   bool // a cookie is sent
	}{
		"set":             {validKey, func(*django.Session) {}, func(*django.Session) {}, false},
		"cycle":           {validKey, (*django.Session).CycleKey, func(*django.Session) {}, true},
		"set, and after":  {validKey, func(*django.Session) {}, func(s *django.Session) { _ = s.Set("c", 1) }, false},
		"a new session's": {"", func(*django.Session) {}, func(*django.Session) {}, false},
	} {
		t.Run(name, func(t *testing.T) {
			st := newSite(t, nil)
			st.put(validKey, `{"a":1}`)
			w := st.serve(c.cookie, func(w http.ResponseWriter, r *http.Request) {
				s := st.get(r)
				must(t, s.Set("b", 1))
				c.before(s)
				for _, call := range []string{"Save", "Create"} {
					st.store.once(call, func() error { s.Abandon(); c.after(s); return nil })
				}
			})
			cookies := w.Result().Cookies()
			check(t, "cookies", len(cookies) > 0, c.told)
			for _, cookie := range cookies {
				check(t, "whether the cookie leads to a session", st.data(cookie.Value) != "", true)
			}
		})
	}
}

// The browser's own session is the one that stays, however often one is abandoned.
func TestAbandonTwice(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		s := st.get(r)
		s.Abandon()
		must(t, s.Set("b", 1))
		must(t, s.Save(r.Context()))
		s.Abandon()
	})
	check(t, "Set-Cookie", w.Header().Get("Set-Cookie"), "")
	check(t, "what is stored", st.data(validKey), `{"a":1}`)
}
