package django_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

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
		"a value that the store has no form for": func(t *testing.T, st *site, r *http.Request) error {
			st.store.once("Save", func() error { return serializer.ErrFormat })
			return st.UpdateRequest(r, increment)
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
