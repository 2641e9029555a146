package load_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/djsession/djsession/bench/load"
)

// requestsFor returns n connections, each with one request whose response must be "ok".
func requestsFor(n int) [][]load.Request {
	connections := make([][]load.Request, n)
	for i := range connections {
		connections[i] = []load.Request{{
			Text: []byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
			Check: func(status int, body []byte) error {
				if status != http.StatusOK || !bytes.Equal(body, []byte("ok")) {
					return fmt.Errorf("status %d, %q", status, body)
				}
				return nil
			},
		}}
	}
	return connections
}

func serve(t *testing.T, h http.HandlerFunc) (addr string) {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

func ok(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) }

// A server that stalls once for half a second delays every request that is due meanwhile. A
// generator that only looks at the requests it could send would see as many long ones as it
// has connections.
func TestOpenCountsFromWhenARequestIsDue(t *testing.T) {
	var stalled sync.RWMutex
	var served atomic.Int64
	addr := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if served.Add(1) == 200 {
			stalled.Lock()
			time.Sleep(500 * time.Millisecond)
			stalled.Unlock()
		}
		stalled.RLock()
		defer stalled.RUnlock()
		ok(w, r)
	})
	took, err := load.Open(t.Context(), addr, requestsFor(4), 1000, 2*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if len(took) != 2000 {
		t.Fatalf("%d requests, want 2000", len(took))
	}
	slices.Sort(took)
	// 500 of the 2,000 were due during the stall, the last of them at its end.
	if p99 := took[len(took)*99/100]; p99 < 400*time.Millisecond {
		t.Errorf("p99 is %v: the stall is missing", p99)
	}
	late := 0
	for _, d := range took {
		if d > 100*time.Millisecond {
			late++
		}
	}
	if late < 350 {
		t.Errorf("%d requests took more than 100 ms, want about 400", late)
	}
}

func TestOpenKeepsItsRate(t *testing.T) {
	addr := serve(t, ok)
	start := time.Now()
	took, err := load.Open(t.Context(), addr, requestsFor(4), 500, time.Second)
	if err != nil || len(took) != 500 {
		t.Fatalf("%d requests, want 500; %v", len(took), err)
	}
	if elapsed := time.Since(start); elapsed < 990*time.Millisecond {
		t.Errorf("500 requests at 500 a second took %v", elapsed)
	}
}

func TestClosedCountsWhatWasAnswered(t *testing.T) {
	var served, before, after atomic.Int64
	addr := serve(t, func(w http.ResponseWriter, r *http.Request) {
		served.Add(1)
		if served.Load()%10 == 0 {
			w.Header().Set("Connection", "close") // and the next uses another connection
		}
		ok(w, r)
	})
	n, err := load.Closed(t.Context(), addr, requestsFor(4), 50*time.Millisecond, 200*time.Millisecond,
		func() { before.Store(served.Load()) }, func() { after.Store(served.Load()) })
	if err != nil {
		t.Fatal(err)
	}
	// Four were under way at the beginning. Between a call and the counting a busy machine may do something else.
	if got := after.Load() - before.Load(); n == 0 || int64(n) > got+4 || int64(n) < got/2 {
		t.Errorf("counted %d requests, the server %d", n, got)
	}
}

func TestWrongResponses(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"status":  func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "ok", http.StatusInternalServerError) },
		"body":    func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("no")) },
		"chunked": func(w http.ResponseWriter, r *http.Request) { ok(w, r); w.(http.Flusher).Flush() },
		"nothing": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			addr := serve(t, h)
			if _, err := load.Closed(t.Context(), addr, requestsFor(2), 0, time.Second, func() {}, func() {}); err == nil {
				t.Error("Closed reports no error")
			}
			if _, err := load.Open(t.Context(), addr, requestsFor(2), 100, time.Second); err == nil {
				t.Error("Open reports no error")
			}
		})
	}
}

func TestCanceled(t *testing.T) {
	addr := serve(t, ok)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := load.Closed(ctx, addr, requestsFor(2), time.Minute, time.Minute, func() {}, func() {}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Closed returned %v", err)
	}
}
