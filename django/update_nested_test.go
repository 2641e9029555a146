package django_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
)

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
