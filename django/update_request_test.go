package django_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
)

// Requests of one visitor count in one session, however they overlap.
func TestUpdateRequestLosesNothing(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"n":0}`)
	var wg sync.WaitGroup
	const n = 40
	for i := range n {
		wg.Go(func() {
			w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
				must(t, st.get(r).Set(fmt.Sprintf("before%d", i), i))
				must(t, st.UpdateRequest(r, increment))
				must(t, st.get(r).Set(fmt.Sprintf("after%d", i), i))
			})
			check(t, "the status", w.Code, 200)
			check(t, "cookies", len(w.Result().Cookies()), 1)
		})
	}
	wg.Wait()
	s := st.load(validKey)
	got, err := django.Value(s, "n", -1)
	must(t, err)
	check(t, "n", got, n)
	check(t, "keys", s.Len(), 1+2*n)
}

// What was changed before goes with the update; the session of Get has the outcome,
// and the middleware has nothing left to save.
func TestUpdateRequest(t *testing.T) {
	for name, cookie := range map[string]string{"stored": validKey, "new": ""} {
		t.Run(name, func(t *testing.T) {
			st := newSite(t, nil)
			st.put(validKey, `{"z":1.50}`)
			want := `{"early":true,"n":1}`
			calls := "Create"
			if cookie != "" {
				want, calls = `{"z":1.50,"early":true,"n":1}`, "Load Save"
			}
			w := st.serve(cookie, func(w http.ResponseWriter, r *http.Request) {
				s := st.get(r)
				must(t, s.Set("early", true))
				must(t, st.UpdateRequest(r, increment))
				check(t, "what the session holds", jsonOf(t, s), want)
				check(t, "what is stored", st.data(s.Key()), want)
			})
			check(t, "the calls", st.store.count(), calls)
			check(t, "the status", w.Code, 200)
			key := w.Result().Cookies()[0].Value
			check(t, "what is stored", st.data(key), want)
			check(t, "whether the key is the cookie's", key == cookie, cookie != "")
		})
	}
}

// An error of the function's own is the handler's to answer; everything is as it was
// before, and is saved as ever.
func TestUpdateRequestRefused(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"n":0}`)
	errOwn := errors.New("out of stock")
	w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		s := st.get(r)
		must(t, s.Set("early", 1))
		for range 2 {
			err := st.UpdateRequest(r, func(run *django.Session) error {
				must(t, run.Set("n", 7))
				must(t, run.Set("early", 7))
				run.CycleKey()
				must(t, s.Set("meanwhile", 2)) // on the session of Get
				return errOwn
			})
			if !errors.Is(err, errOwn) {
				t.Error(err)
			}
		}
		check(t, "what the session holds", jsonOf(t, s), `{"n":0,"early":1,"meanwhile":2}`)
		must(t, s.Set("late", 3))
		w.WriteHeader(http.StatusConflict)
	})
	check(t, "the status", w.Code, http.StatusConflict)
	check(t, "what is stored", st.data(validKey), `{"n":0,"early":1,"meanwhile":2,"late":3}`)
}

// What other goroutines of the request do meanwhile is kept for the commit.
func TestUpdateRequestAmongGoroutines(t *testing.T) {
	st := newSite(t, nil)
	var held string
	st.put(validKey, `{"n":0}`)
	st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() { must(t, st.UpdateRequest(r, increment)) })
			wg.Go(func() { must(t, st.get(r).Set(fmt.Sprint("k", i), i)) })
			wg.Go(func() { must(t, st.get(r).Save(r.Context())) })
		}
		wg.Wait()
		held = jsonOf(t, st.get(r))
	})
	s := st.load(validKey)
	got, err := django.Value(s, "n", -1)
	must(t, err)
	check(t, "n", got, 10)
	check(t, "keys", s.Len(), 11)
	check(t, "what the request's session holds", held, st.data(validKey))
}

// Two goroutines of a new visitor's request make one session.
func TestUpdateRequestAmongGoroutinesOfANewSession(t *testing.T) {
	st := newSite(t, nil)
	w := st.serve("", func(w http.ResponseWriter, r *http.Request) {
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() { must(t, st.UpdateRequest(r, increment)) })
			wg.Go(func() { must(t, st.get(r).Save(r.Context())) })
		}
		wg.Wait()
	})
	check(t, "sessions", len(st.keys()), 1)
	check(t, "what the visitor has", st.data(w.Result().Cookies()[0].Value), `{"n":10}`)
}

// What stores the session waits while an update has it, so that neither goes on from
// what the other has replaced; Django writes in between.
func TestSaveDuringUpdateRequest(t *testing.T) {
	for _, own := range []error{nil, errors.New("out of stock")} {
		st := newSite(t, nil)
		st.put(validKey, `{"k":"old"}`)
		st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
			s := st.get(r)
			must(t, s.Set("early", 1))
			saved := make(chan error, 1)
			once := sync.OnceFunc(func() {
				must(t, st.other().Update(t.Context(), validKey, func(o *django.Session) error { return o.Set("django", 1) }))
				must(t, s.Set("mine", 1))
				go func() { saved <- s.Save(r.Context()) }()
			})
			err := st.UpdateRequest(r, func(run *django.Session) error {
				once()
				return errors.Join(run.Set("k", "updated"), own)
			})
			if !errors.Is(err, own) {
				t.Error(err)
			}
			must(t, <-saved)
			must(t, s.Set("late", 1))
		})
		want := `{"k":"updated","django":1,"early":1,"mine":1,"late":1}`
		if own != nil {
			want = `{"k":"old","django":1,"early":1,"mine":1,"late":1}`
		}
		check(t, "what is stored", st.data(validKey), want)
	}
}

// The deadline of the request that is passed counts.
func TestUpdateRequestDeadline(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"n":0}`)
	st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 20*time.Millisecond)
		defer cancel()
		err := st.UpdateRequest(r.WithContext(ctx), func(s *django.Session) error {
			return errors.Join(st.other().Update(t.Context(), validKey, increment), increment(s))
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

// A session that was stored under a new key goes with the response, whatever that is:
// under the old key there is nothing any more.
func TestMovedSessionIsNotStranded(t *testing.T) {
	for name, end := range map[string]func(*site, http.ResponseWriter, *http.Request){
		"500": func(_ *site, w http.ResponseWriter, _ *http.Request) { http.Error(w, "no such template", 500) },
		"the store fails": func(st *site, _ http.ResponseWriter, r *http.Request) {
			st.store.fail("Save", errDown)
			if err := st.UpdateRequest(r, increment); !errors.Is(err, errDown) {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			st := newSite(t, nil)
			st.put(validKey, `{"n":0}`)
			w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
				must(t, st.get(r).Renew("_auth_user_hash", "new"))
				must(t, st.UpdateRequest(r, increment))
				end(st, w, r)
			})
			check(t, "whether it failed", w.Code >= 500, true)
			if cookies := w.Result().Cookies(); len(cookies) != 1 || st.data(cookies[0].Value) != `{"n":1,"_auth_user_hash":"new"}` {
				t.Errorf("%d cookies", len(cookies))
			}
			check(t, "sessions", len(st.keys()), 1)
		})
	}
}

func TestUpdateRequestOfAnEmptySession(t *testing.T) {
	st := newSite(t, nil)
	w := st.serve("", func(w http.ResponseWriter, r *http.Request) {
		must(t, st.UpdateRequest(r, func(s *django.Session) error { s.Delete("n"); return nil }))
	})
	check(t, "sessions", len(st.keys()), 0)
	check(t, "cookies", len(w.Result().Cookies()), 0)
}

func TestUpdateRequestCyclesTheKey(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"n":0}`)
	st.meanwhile(validKey, func(s *django.Session) { must(t, increment(s)) })
	w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		must(t, st.UpdateRequest(r, func(s *django.Session) error { s.CycleKey(); return increment(s) }))
	})
	key := w.Result().Cookies()[0].Value
	check(t, "whether the key is new", key != validKey, true)
	check(t, "what is stored", st.data(key), `{"n":2}`)
	check(t, "sessions", len(st.keys()), 1)
}

// A client that has gone does not end an update under way; a panic does, and the
// session stays usable.
func TestUpdateRequestWithoutAnEnd(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"n":0}`)
	ctx, cancel := context.WithCancel(t.Context())
	r := httptest.NewRequest("GET", "/", nil).WithContext(ctx)
	r.Header.Set("Cookie", "sessionid="+validKey)
	st.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		must(t, st.UpdateRequest(r, func(s *django.Session) error { cancel(); return increment(s) }))
	})).ServeHTTP(httptest.NewRecorder(), r)
	check(t, "what is stored", st.data(validKey), `{"n":1}`)

	func() {
		defer func() { check(t, "what was panicked", recover(), any("boom")) }()
		st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
			must(t, st.get(r).Set("early", 1))
			_ = st.UpdateRequest(r, func(s *django.Session) error { _ = increment(s); panic("boom") })
		})
	}()
	check(t, "what is stored", st.data(validKey), `{"n":1}`)
	st.serve(validKey, func(w http.ResponseWriter, r *http.Request) { must(t, st.UpdateRequest(r, increment)) })
	check(t, "what is stored then", st.data(validKey), `{"n":2}`)
}
