package django_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
)

// discard is a ResponseWriter that costs nothing.
type discard http.Header

func (w discard) Header() http.Header       { return http.Header(w) }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}
func (discard) Flush()                      {}

// requestCase is a request to a handler. The store is in memory, so it is about what the
// middleware costs.
type requestCase struct {
	name   string
	serve  func()
	allocs float64 // at most; the bare handler has none
}

func requestCases(tb testing.TB) (cases []requestCase) {
	ss, err := django.New(testSettings(), memstore.New())
	must(tb, err)
	s := ss.NewSession()
	must(tb, s.Set("n", 1))
	must(tb, s.Save(tb.Context()))
	check := func(err error) { // unlike must, it costs nothing
		if err != nil {
			tb.Fatal(err)
		}
	}
	get := func(r *http.Request) *django.Session {
		s, err := ss.Get(r)
		check(err)
		return s
	}
	ctx, cancel := context.WithCancel(tb.Context()) // a server's can be canceled, too
	tb.Cleanup(cancel)
	add := func(name, key string, allocs float64, handle http.HandlerFunc) {
		h := ss.Middleware(handle)
		r := httptest.NewRequestWithContext(ctx, "GET", "/", nil)
		if key != "" {
			r.AddCookie(&http.Cookie{Name: "sessionid", Value: key})
		}
		w := make(discard)
		cases = append(cases, requestCase{name, func() {
			clear(w)
			h.ServeHTTP(w, r)
		}, allocs})
	}
	add("Unused", s.Key(), 2, func(http.ResponseWriter, *http.Request) {})
	add("Anonymous", "", 3, func(_ http.ResponseWriter, r *http.Request) { get(r).Has("n") })
	add("Read", s.Key(), 11, func(_ http.ResponseWriter, r *http.Request) {
		_, err := django.Value(get(r), "n", 0)
		check(err)
	})
	add("Write", s.Key(), 22, func(_ http.ResponseWriter, r *http.Request) { check(get(r).Set("n", 2)) })
	add("UpdateRequest", s.Key(), 29, func(_ http.ResponseWriter, r *http.Request) {
		check(ss.UpdateRequest(r, func(s *django.Session) error { return s.Set("n", 3) }))
	})
	return cases
}

func BenchmarkRequest(b *testing.B) {
	for _, c := range requestCases(b) {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.serve()
			}
		})
	}
}

// BenchmarkSession is what the methods of a session cost.
func BenchmarkSession(b *testing.B) {
	ss, err := django.New(testSettings(), memstore.New())
	must(b, err)
	s := ss.NewSession()
	must(b, s.Set("n", 1))
	must(b, s.Save(b.Context()))
	for name, do := range map[string]func(){
		"Value": func() { _, _ = django.Value(s, "n", 0) },
		"Set":   func() { _ = s.Set("n", 2) },
		"Load":  func() { _, _ = ss.Load(b.Context(), s.Key()) },
		"Save":  func() { s.MarkModified(); _ = s.Save(b.Context()) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				do()
			}
		})
	}
}
