package django_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// An error handler that writes nothing leaves the answer to the default.
func TestErrorHandlerThatWritesNothing(t *testing.T) {
	for name, h := range map[string]django.ErrorHandler{
		"nothing":      func(http.ResponseWriter, *http.Request, error) {},
		"headers only": func(w http.ResponseWriter, _ *http.Request, _ error) { w.Header().Set("X-Request-Id", "7") },
		"a hint":       func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusEarlyHints) },
	} {
		for how, handler := range map[string]func(*site, http.ResponseWriter, *http.Request){
			"ignored": func(st *site, w http.ResponseWriter, r *http.Request) {
				_, _ = st.Get(r)
				_, _ = io.WriteString(w, "welcome")
			},
			"handled": func(st *site, w http.ResponseWriter, r *http.Request) { st.HandleError(w, r, errDown) },
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				st := newSite(t, nil, django.WithErrorHandler(h))
				st.store.fail("Load", errDown)
				w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) { handler(st, w, r) })
				check(t, "the status", w.Code, http.StatusServiceUnavailable)
				check(t, "the body", w.Body.String(), "Service Unavailable\n")
			})
		}
	}
}

// What an error handler writes reaches the client as it is.
func TestErrorHandlerThatWrites(t *testing.T) {
	for name, c := range map[string]struct {
		h            django.ErrorHandler
		status       int
		body, length string
	}{
		"a page":   {func(w http.ResponseWriter, _ *http.Request, _ error) { _, _ = io.WriteString(w, "sorry") }, 200, "sorry", "5"},
		"a status": {func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(502) }, 502, "", "0"},
		"no body":  {func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(204) }, 204, "", ""},
		"redirects": {func(w http.ResponseWriter, r *http.Request, _ error) {
			w.Header().Set("Location", "/down")
			w.WriteHeader(303)
		}, 303, "", "0"},
		"twice": {func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(502); w.WriteHeader(200) }, 502, "", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			st := newSite(t, nil, django.WithErrorHandler(c.h))
			st.store.fail("Load", errDown)
			res := ask(t, st.server(false, func(w http.ResponseWriter, r *http.Request) { _, _ = st.Get(r) }), "GET", validKey)
			check(t, "the status", res.StatusCode, c.status)
			check(t, "the body", body(t, res), c.body)
			check(t, "Content-Length", res.Header.Get("Content-Length"), c.length)
		})
	}
}

// The first of several errors of a request is answered and logged, whatever they are.
func TestHandleErrorTwice(t *testing.T) {
	st := newSite(t, nil)
	w := st.serve("", func(w http.ResponseWriter, r *http.Request) {
		st.HandleError(w, r, django.ErrInterrupted)
		st.HandleError(w, r, errDown)
	})
	check(t, "the status", w.Code, http.StatusBadRequest)
	check(t, "the body", w.Body.String(), "Bad Request\n")
	check(t, "log lines", strings.Count(st.logs.String(), "level=ERROR"), 1)
}

// What is wrong with the program is 500, not 503.
func TestDefaultErrorHandlerStatus(t *testing.T) {
	for err, status := range map[error]int{
		django.ErrInterrupted:  400,
		django.ErrCorrupt:      500,
		django.ErrUnreadable:   500,
		django.ErrTooLarge:     500,
		django.ErrExpiry:       500,
		serializer.ErrFormat:   500,
		django.ErrNoMiddleware: 500,
		django.ErrSessionOver:  500,
		errDown:                503,
		errLost:                503,
	} {
		w := httptest.NewRecorder()
		django.DefaultErrorHandler(w, httptest.NewRequest("GET", "/", nil), err)
		check(t, "the status of "+err.Error(), w.Code, status)
	}
}

// recovered is what a recovering middleware inside answers to a panic of h.
func recovered(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				http.Error(w, "recovered", http.StatusInternalServerError)
			}
		}()
		h(w, r)
	}
}

// An error handler that panics leaves the answer to the default.
func TestErrorHandlerThatPanics(t *testing.T) {
	st := newSite(t, nil, django.WithErrorHandler(func(w http.ResponseWriter, _ *http.Request, _ error) {
		_, _ = io.WriteString(w, "half a page")
		panic("boom")
	}))
	st.store.fail("Load", errDown)
	w := st.serve(validKey, recovered(func(w http.ResponseWriter, r *http.Request) {
		_, _ = st.Get(r)
		_, _ = io.WriteString(w, "welcome")
	}))
	check(t, "the status", w.Code, http.StatusServiceUnavailable)
	check(t, "the body", w.Body.String(), "Service Unavailable\n")
}

// A commit that did not happen, since the store or the status panicked, is not made up
// for when the answer is an error.
func TestPanicInTheCommit(t *testing.T) {
	for name, c := range map[string]func(*site, http.ResponseWriter){
		"the store's": func(st *site, w http.ResponseWriter) {
			st.store.once("Save", func() error { panic("the store's") })
			_, _ = io.WriteString(w, "welcome")
		},
		"an invalid status": func(_ *site, w http.ResponseWriter) { w.WriteHeader(0) },
	} {
		t.Run(name, func(t *testing.T) {
			st := newSite(t, nil)
			st.put(validKey, `{"a":1}`)
			w := st.serve(validKey, recovered(func(w http.ResponseWriter, r *http.Request) {
				must(t, st.get(r).Set("b", 1))
				c(st, w)
			}))
			check(t, "the status", w.Code, http.StatusInternalServerError)
			check(t, "what is stored", st.data(validKey), `{"a":1}`)
		})
	}
}

// An error handler that gives an invalid status, or sets headers and then panics, leaves
// nothing to the default's answer.
func TestErrorHandlerThatFails(t *testing.T) {
	for name, h := range map[string]django.ErrorHandler{
		"status 0":    func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(0) },
		"status 1000": func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(1000) },
		"headers": func(w http.ResponseWriter, _ *http.Request, _ error) {
			w.Header().Set("Content-Encoding", "gzip")
			panic("boom")
		},
	} {
		t.Run(name, func(t *testing.T) {
			st := newSite(t, nil, django.WithErrorHandler(h))
			st.store.fail("Load", errDown)
			w := st.serve(validKey, recovered(func(w http.ResponseWriter, r *http.Request) {
				_, _ = st.Get(r)
				_, _ = io.WriteString(w, "welcome")
			}))
			check(t, "the status", w.Code, http.StatusServiceUnavailable)
			check(t, "the body", w.Body.String(), "Service Unavailable\n")
			check(t, "Content-Encoding", w.Header().Get("Content-Encoding"), "")
		})
	}
}
