package django_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
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

// A function that saves, flushes or updates the session that it is called for, and not
// the one that it is given, would wait for itself: that is an error at once.
func TestUpdateInsideOfAnUpdate(t *testing.T) {
	for name, inner := range map[string]func(*site, *http.Request) error{
		"save":            func(st *site, r *http.Request) error { return st.get(r).Save(context.Background()) },
		"flush":           func(st *site, r *http.Request) error { return st.get(r).Flush(context.Background()) },
		"UpdateRequest":   func(st *site, r *http.Request) error { return st.UpdateRequest(r, increment) },
		"Update by key":   func(st *site, r *http.Request) error { return st.Update(context.Background(), validKey, increment) },
		"two levels down": func(st *site, r *http.Request) error { return func() error { return st.UpdateRequest(r, increment) }() },
		"with another context": func(st *site, r *http.Request) error {
			return st.UpdateRequest(r.WithContext(context.WithoutCancel(r.Context())), increment)
		},
	} {
		for outer, update := range map[string]func(*site, *http.Request, func(*django.Session) error) error{
			"UpdateRequest": func(st *site, r *http.Request, f func(*django.Session) error) error { return st.UpdateRequest(r, f) },
			"Update": func(st *site, r *http.Request, f func(*django.Session) error) error {
				return st.Update(context.Background(), validKey, f)
			},
		} {
			if outer == "Update" && (name == "save" || name == "flush") {
				continue // of another session object, which is no wait
			}
			t.Run(name+" in "+outer, func(t *testing.T) {
				st := newSite(t, nil, django.WithTimeout(time.Hour))
				st.put(validKey, `{"n":0}`)
				w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
					err := update(st, r, func(*django.Session) error { return inner(st, r) })
					if err == nil || !strings.Contains(err.Error(), "called inside Update") {
						t.Error(err)
					}
					must(t, st.UpdateRequest(r, increment)) // nothing is left locked
				})
				check(t, "the status", w.Code, 200)
				check(t, "what is stored", st.data(validKey), `{"n":1}`)
			})
		}
	}
}

// Another goroutine waits for its turn, and another session can be updated.
func TestUpdateBesideAnUpdate(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"n":0}`)
	st.put(unknownKey, `{"n":0}`)
	st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		done := make(chan error)
		var once sync.Once
		must(t, st.UpdateRequest(r, func(s *django.Session) error {
			once.Do(func() { go func() { done <- st.UpdateRequest(r, increment) }() })
			if err := st.Update(r.Context(), unknownKey, increment); err != nil {
				return err
			}
			return increment(s)
		}))
		must(t, <-done)
	})
	check(t, "what is stored", st.data(validKey), `{"n":2}`)
	check(t, "what is stored of the other", st.data(unknownKey), `{"n":1}`)
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

// The store fails, or nobody knows the outcome, or the session is gone: the request
// fails, whatever the handler makes of it.
func TestUpdateRequestFails(t *testing.T) {
	for name, c := range map[string]struct {
		save   func(*site) error
		want   error
		status int
	}{
		"down":        {func(*site) error { return errDown }, errDown, 503},
		"in doubt":    {func(*site) error { return errLost }, django.ErrOutcomeUnknown, 503},
		"interrupted": {func(st *site) error { return st.other().Delete(context.Background(), validKey) }, django.ErrInterrupted, 400},
	} {
		t.Run(name, func(t *testing.T) {
			st := newSite(t, nil)
			st.put(validKey, `{"n":0}`)
			st.store.on("Save", func() error { return c.save(st) })
			runs := 0
			w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
				for range 2 {
					err := st.UpdateRequest(r, func(s *django.Session) error { runs++; return increment(s) })
					if !errors.Is(err, c.want) {
						t.Errorf("UpdateRequest: %v, want %v", err, c.want)
					}
				}
				fmt.Fprint(w, "counted")
			})
			check(t, "runs", runs, 1)
			check(t, "the status", w.Code, c.status)
			check(t, "cookies", len(w.Result().Cookies()), 0)
			check(t, "the body is the handler's", strings.Contains(w.Body.String(), "counted"), false)
		})
	}
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

// After the headers a session that has its cookie can still be updated; a new one
// cannot.
func TestUpdateRequestAfterTheHeaders(t *testing.T) {
	for cookie, want := range map[string]error{validKey: nil, "": django.ErrHeadersSent} {
		st := newSite(t, nil)
		st.put(validKey, `{"n":0}`)
		st.serve(cookie, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "hello")
			must(t, http.NewResponseController(w).Flush())
			if err := st.UpdateRequest(r, increment); !errors.Is(err, want) {
				t.Errorf("UpdateRequest: %v, want %v", err, want)
			}
		})
		check(t, "sessions", len(st.keys()), 1)
		check(t, "whether it counted", st.data(validKey) == `{"n":1}`, want == nil)
	}
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

func TestUpdateRequestWithoutMiddleware(t *testing.T) {
	st := newSite(t, nil)
	if err := st.UpdateRequest(httptest.NewRequest("GET", "/", nil), increment); !errors.Is(err, django.ErrNoMiddleware) {
		t.Error(err)
	}
}

// What was not stored because of the caller is no failure of the whole request.
func TestUpdateRequestThatOnlyFailsItself(t *testing.T) {
	for name, update := range map[string]func(*testing.T, *site, *http.Request) error{
		"too large": func(t *testing.T, st *site, r *http.Request) error {
			return st.UpdateRequest(r, func(s *django.Session) error { return s.Set("b", strings.Repeat("x", 5<<20)) })
		},
		"an expiry that makes no sense": func(t *testing.T, st *site, r *http.Request) error {
			return st.UpdateRequest(r, func(s *django.Session) error { return s.Set("_session_expiry", "soon") })
		},
		"a derived context that ends while it waits": func(t *testing.T, st *site, r *http.Request) error {
			in, goOn, done := make(chan struct{}), make(chan struct{}), make(chan error)
			go func() {
				done <- st.Update(context.Background(), validKey, func(*django.Session) error { close(in); <-goOn; return nil })
			}()
			<-in
			ctx, cancel := context.WithTimeout(r.Context(), time.Millisecond)
			defer cancel()
			err := st.UpdateRequest(r.WithContext(ctx), increment)
			close(goOn)
			must(t, <-done)
			return err
		},
		"an update inside": func(t *testing.T, st *site, r *http.Request) error {
			return st.UpdateRequest(r, func(*django.Session) error { return st.UpdateRequest(r, increment) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			st := newSite(t, nil)
			st.put(validKey, `{"a":1}`)
			w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
				if err := update(t, st, r); err == nil {
					t.Error("no error")
				}
				w.WriteHeader(http.StatusTeapot)
			})
			check(t, "the status", w.Code, http.StatusTeapot)
			check(t, "what is stored", st.data(validKey), `{"a":1}`)
		})
	}
}

// What is wrong with what is stored, or with the store, fails the whole request, whatever
// has become of a derived context.
func TestUpdateRequestThatFailsTheRequest(t *testing.T) {
	for name, c := range map[string]struct {
		store  func(*site)
		status int
	}{
		"the store is down":         {func(st *site) { st.store.fail("Save", errDown) }, 503},
		"another writer's size":     {func(st *site) { st.meanwhileText(`{"b":"` + strings.Repeat("x", 5<<20) + `"}`) }, 500},
		"another writer's expiry":   {func(st *site) { st.meanwhileText(`{"_session_expiry":"soon"}`) }, 500},
		"another writer's key":      {func(st *site) { st.store.once("Save", func() error { st.putText(validKey, "tampered"); return nil }) }, 500},
		"a callback of the store's": {func(st *site) { st.store.fail("Save", django.ErrNoMiddleware) }, 500},
	} {
		for _, canceled := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/canceled=%t", name, canceled), func(t *testing.T) {
				st := newSite(t, nil)
				st.put(validKey, `{"n":1}`)
				w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
					st.get(r)
					c.store(st)
					ctx, cancel := context.WithCancel(r.Context())
					defer cancel()
					if canceled { // a sibling in an errgroup has failed, say
						cancel()
					}
					if err := st.UpdateRequest(r.WithContext(ctx), increment); err == nil {
						t.Error("no error")
					}
				})
				check(t, "the status", w.Code, c.status)
				check(t, "an error is logged", strings.Contains(st.logs.String(), "level=ERROR"), true)
			})
		}
	}
}

// meanwhileText has another writer store data right before the next save.
func (st *site) meanwhileText(data string) {
	st.store.once("Save", func() error { st.putText(validKey, sign(st.t, st.Codec(), data)); return nil })
}

// A failure after the handler has answered 5xx is logged, too.
func TestFailureAfterAnErrorPage(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"n":1}`)
	st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		st.get(r)
		w.WriteHeader(http.StatusInternalServerError)
		st.store.fail("Save", errDown)
		st.HandleError(w, r, st.UpdateRequest(r, increment))
	})
	check(t, "the log", strings.Contains(st.logs.String(), errDown.Error()), true)
}
