package django_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
)

// BenchmarkRequest is what a request costs besides the store, which is in memory.
func BenchmarkRequest(b *testing.B) {
	ss, err := django.New(testSettings(), memstore.New())
	must(b, err)
	s := ss.NewSession()
	must(b, s.Set("n", 1))
	must(b, s.Save(b.Context()))
	known := &http.Cookie{Name: "sessionid", Value: s.Key()}
	get := func(r *http.Request) *django.Session {
		s, err := ss.Get(r)
		must(b, err)
		return s
	}
	for _, c := range []struct {
		name   string
		cookie *http.Cookie
		handle func(w http.ResponseWriter, r *http.Request)
	}{
		{"Unused", known, func(http.ResponseWriter, *http.Request) {}},
		{"Anonymous", nil, func(_ http.ResponseWriter, r *http.Request) { get(r).Has("n") }},
		{"Read", known, func(_ http.ResponseWriter, r *http.Request) {
			_, err := django.Value(get(r), "n", 0)
			must(b, err)
		}},
		{"Write", known, func(_ http.ResponseWriter, r *http.Request) { must(b, get(r).Set("n", 2)) }},
		{"UpdateRequest", known, func(_ http.ResponseWriter, r *http.Request) {
			must(b, ss.UpdateRequest(r, func(s *django.Session) error { return s.Set("n", 3) }))
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			h := ss.Middleware(http.HandlerFunc(c.handle))
			r := httptest.NewRequest("GET", "/", nil)
			if c.cookie != nil {
				r.AddCookie(c.cookie)
			}
			for b.Loop() {
				h.ServeHTTP(httptest.NewRecorder(), r)
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
