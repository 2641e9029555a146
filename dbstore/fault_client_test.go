package dbstore_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/django"
)

// TestClientDisconnects: what the handler did is saved although nobody waits for it.
func TestClientDisconnects(t *testing.T) {
	onEach(t, func(t *testing.T, db *sqlx.DB) {
		ss := quiet(t, db)
		key := having(t, ss, "a", 1).Key()
		leftovers := goroutines(t)
		inside, left := make(chan struct{}), make(chan struct{})
		server, stop := serve(t, ss.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			s, err := ss.Get(r)
			if err != nil {
				t.Error(err)
				return
			}
			close(inside)
			<-r.Context().Done()
			set(t, s, "b", 2)
			close(left)
		})))
		conn, err := net.Dial("tcp", server)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: test\r\nCookie: sessionid=%s\r\n\r\n", key)
		done(t, inside, "the request")
		conn.Close()
		done(t, left, "the end of the request's context")
		stop()
		holds(t, db, key, `{"a":1,"b":2}`)
		leftovers()
	})
}

// serve serves a handler on a real server. stop returns when all requests have ended.
func serve(t testing.TB, h http.Handler) (addr string, stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: h}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String(), func() {
		t.Helper()
		if err := server.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// TestNothingIsLeft: after Shutdown and Close, of requests that worked, failed, were given
// up or had to wait, no goroutine runs and no connection is held.
func TestNothingIsLeft(t *testing.T) {
	onNetwork(t, func(t *testing.T, n *network) {
		n.direct.SetMaxOpenConns(2)
		key := having(t, n.calm, "n", 1).Key()
		warm(t, n.direct, 2)
		ours, leftovers := connections(t, n.direct), goroutines(t)
		n.db.SetMaxIdleConns(8)
		mux := http.NewServeMux()
		for path, ss := range map[string]*django.Sessions{"/patient/": n.patient, "/impatient/": n.ss} {
			mux.Handle(path, ss.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if r.URL.RawQuery == "" {
					runs := 0
					_ = ss.UpdateRequest(r, increment(&runs))
				} else if s, err := ss.Get(r); err == nil {
					set(t, s, r.URL.RawQuery, true)
				}
			})))
		}
		server, stop := serve(t, mux)
		client := &http.Client{Transport: new(http.Transport)}
		get := func(ctx context.Context, path string) int {
			r, err := http.NewRequestWithContext(ctx, "GET", "http://"+server+path, nil)
			if err != nil {
				t.Error(err)
				return 0
			}
			r.AddCookie(&http.Cookie{Name: "sessionid", Value: key})
			res, err := client.Do(r)
			if err != nil {
				return 0
			}
			defer res.Body.Close()
			_, _ = io.Copy(io.Discard, res.Body)
			return res.StatusCode
		}
		all := func(ctx context.Context, path string) map[int]int {
			var wait sync.WaitGroup
			var mu sync.Mutex
			statuses := map[int]int{}
			for i := range 16 {
				wait.Go(func() {
					query := ""
					if i%2 == 0 {
						query = "?k" + strconv.Itoa(i)
					}
					status := get(ctx, path+query)
					mu.Lock()
					defer mu.Unlock()
					statuses[status]++
				})
			}
			wait.Wait()
			return statuses
		}
		if got := all(t.Context(), "/patient/"); got[http.StatusOK] != 16 {
			t.Errorf("the requests were answered %v", got)
		}
		unlock := lockTable(t, n.direct)
		if got := all(t.Context(), "/impatient/"); got[http.StatusServiceUnavailable] != 16 {
			t.Errorf("the requests that waited for a lock were answered %v", got)
		}
		if got := all(limited(t, impatience/4), "/impatient/"); got[http.StatusOK] > 0 {
			t.Errorf("the requests that nobody waited for were answered %v", got)
		}
		unlock()
		n.proxy.Reset()
		if got := all(t.Context(), "/impatient/"); got[http.StatusServiceUnavailable] != 16 {
			t.Errorf("the requests without a network were answered %v", got)
		}
		n.heal(t)
		client.CloseIdleConnections()
		stop()
		if err := n.db.Close(); err != nil {
			t.Error(err)
		}
		eventually(t, "the last connection's end", func() bool { return connections(t, n.direct) <= ours })
		leftovers()
		if _, err := n.calm.Load(t.Context(), key); err != nil {
			t.Error(err)
		}
	})
}
