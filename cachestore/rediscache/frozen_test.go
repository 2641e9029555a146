package rediscache_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// TestFrozen: a server that does not answer is an error when the context's deadline comes, and
// a 503.
func TestFrozen(t *testing.T) {
	n := newNetwork(t, testenv.Redis(t))
	// go-redis's own timeouts are far away, so that on a busy machine it is clear what ended a call.
	n.cache = rediscache.New(dial(t, n.server.URL(0), func(o *redis.Options) {
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = time.Hour, time.Hour, time.Hour, time.Hour
	}))
	n.ss = pickles.open(t, n.cache, cachestore.WithKeyPrefix(n.prefix))
	s := having(t, n.ss, "a", 1)
	if err := n.server.Pause(); err != nil {
		t.Fatal(err)
	}
	patience := 2 * time.Second // in which even a busy machine sends what the first call writes
	const generous = time.Minute
	within := func(name string, want error, do func(ctx context.Context) error) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		start := time.Now()
		err := do(ctx)
		if took := time.Since(start); took > generous || !errors.Is(err, want) {
			t.Errorf("%s: %v after %v, want %v", name, err, took, want)
		}
		private(t, err, s.Key(), "the-old")
	}
	// The first has a connection, on which it is sent. The others do not get one.
	within("Add", django.ErrOutcomeUnknown, func(ctx context.Context) error {
		return n.cache.Add(ctx, n.prefix+"add", item("the-old"), time.Minute)
	})
	patience = 100 * time.Millisecond
	within("Get", context.DeadlineExceeded, func(ctx context.Context) error {
		_, err := n.cache.Get(ctx, n.fullKey(s.Key()))
		return err
	})
	within("Replace", context.DeadlineExceeded, func(ctx context.Context) error {
		_, err := n.cache.Replace(ctx, n.prefix+"replace", item("the-old"), item("b"), time.Minute)
		if errors.Is(err, django.ErrOutcomeUnknown) {
			t.Errorf("Replace: %v, but nothing was sent", err)
		}
		return err
	})
	within("Delete", context.DeadlineExceeded, func(ctx context.Context) error { return n.cache.Delete(ctx, n.prefix) })
	within("Scan", context.DeadlineExceeded, func(ctx context.Context) error {
		for _, err := range n.cache.Scan(ctx, n.prefix) {
			return err
		}
		return nil
	})

	start := time.Now()
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	r = r.WithContext(ctx)
	r.AddCookie(&http.Cookie{Name: "sessionid", Value: s.Key()})
	w := httptest.NewRecorder()
	n.ss.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if _, err := n.ss.Get(r); err == nil {
			t.Error("Get returns a session")
		}
	})).ServeHTTP(w, r)
	if took := time.Since(start); w.Code != http.StatusServiceUnavailable || took > generous {
		t.Errorf("the request is answered %d after %v", w.Code, took)
	}
	if err := n.server.Resume(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Set("b", 2), s.Save(t.Context())); err != nil {
		t.Errorf("Save afterwards: %v", err)
	}
}
