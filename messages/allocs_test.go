//go:build !race

// Under the race detector sync.Pool drops some of what it holds, so that allocations cannot be counted.

package messages_test

import (
	"net/http"
	"testing"
)

// The middleware costs a request that has no messages no more than itself and its request.
func TestIdleAllocations(t *testing.T) {
	st := newSite(t, nil)
	r := request("sessionid=0123456789abcdefghijklmnopqrstuv; messages=x")
	w := discard{http.Header{}}
	count := func(h http.Handler) float64 {
		return testing.AllocsPerRun(200, func() { h.ServeHTTP(w, r) })
	}
	without := count(st.sessions.Middleware(http.HandlerFunc(nothing)))
	if with := count(st.handler(nothing)); with > without+4 {
		t.Errorf("%v allocations, %v without messages", with, without)
	}
}

type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}
