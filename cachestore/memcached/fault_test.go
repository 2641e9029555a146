package memcached_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/memcached"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// operations are the methods of a cache, each with a way to call it on an item "old".
var operations = []struct {
	name   string
	writes bool
	call   func(ctx context.Context, c cachestore.Cache, key string) error
}{
	{"Get", false, func(ctx context.Context, c cachestore.Cache, key string) error { _, err := c.Get(ctx, key); return err }},
	{"Add", true, func(ctx context.Context, c cachestore.Cache, key string) error {
		return c.Add(ctx, key+"new", item("new"), time.Hour)
	}},
	{"Replace", true, func(ctx context.Context, c cachestore.Cache, key string) error {
		_, err := c.Replace(ctx, key, item("old"), item("new"), time.Hour)
		return err
	}},
	{"Remove", true, func(ctx context.Context, c cachestore.Cache, key string) error {
		_, err := c.Remove(ctx, key, item("old"))
		return err
	}},
	{"Delete", true, func(ctx context.Context, c cachestore.Cache, key string) error { return c.Delete(ctx, key) }},
}

const secretKey = ":1:django.contrib.sessions.cachesecret"

// TestServerIsDown: an error of a server that is down is never an absent session, and nothing
// was sent.
func TestServerIsDown(t *testing.T) {
	s := testenv.Memcached(t)
	c := open(t, s.Addr())
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	for _, op := range operations {
		err := op.call(t.Context(), c, secretKey)
		if err == nil || errors.Is(err, django.ErrNotFound) || errors.Is(err, django.ErrOutcomeUnknown) {
			t.Errorf("%s: %v", op.name, err)
		}
		quiet(t, err, "secret")
	}
	if err := c.(cachestore.Checker).Check(t.Context()); err == nil {
		t.Error("Check: no error")
	}
}

// TestRestart: connections that a restart has closed are replaced. Only a write that cannot be
// repeated may fail, once, and then its outcome is unknown.
func TestRestart(t *testing.T) {
	for _, op := range operations {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			s := testenv.Memcached(t)
			c := open(t, s.Addr())
			held := make(chan error)
			for range 10 { // so that there are several connections
				go func() { held <- c.(cachestore.Checker).Check(t.Context()) }()
			}
			for range 10 {
				if err := <-held; err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Restart(t.Context()); err != nil {
				t.Fatal(err)
			}
			err := op.call(t.Context(), c, secretKey)
			if op.name == "Add" && errors.Is(err, django.ErrOutcomeUnknown) {
				err = op.call(t.Context(), c, secretKey)
			}
			if err != nil && !errors.Is(err, django.ErrNotFound) {
				t.Errorf("after a restart: %v", err)
			}
		})
	}
}

// TestOneOfSeveral: if one of several servers is down or does not answer, its sessions are errors
// and are not looked for elsewhere, and the others work.
func TestOneOfSeveral(t *testing.T) {
	for name, fail := range map[string]func(*testenv.Server) error{"killed": (*testenv.Server).Kill, "frozen": (*testenv.Server).Pause} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad, good := testenv.Memcached(t), testenv.Memcached(t)
			patient := open(t, bad.Addr()+";"+good.Addr(), memcached.WithTimeout(time.Minute))
			hasty := open(t, bad.Addr()+";"+good.Addr(), memcached.WithTimeout(50*time.Millisecond), memcached.WithConnections(2))
			onBad, onGood := map[string]bool{}, 0
			for i := range 20 {
				key := fmt.Sprint(secretKey, i)
				if err := patient.Add(t.Context(), key, item("text"), time.Hour); err != nil {
					t.Fatal(err)
				}
				if _, err := open(t, bad.Addr()).Get(t.Context(), key); err == nil {
					onBad[key] = true
				}
			}
			if err := fail(bad); err != nil {
				t.Fatal(err)
			}
			for i := range 20 {
				key := fmt.Sprint(secretKey, i)
				c := patient
				if onBad[key] {
					c = hasty
				}
				got, err := c.Get(t.Context(), key)
				switch {
				case onBad[key] && (err == nil || errors.Is(err, django.ErrNotFound)):
					t.Errorf("Get of a key on the server that is down: %v, %v", got, err)
				case !onBad[key] && (got != item("text") || err != nil):
					t.Errorf("Get of a key on the other server: %v, %v", got, err)
				case !onBad[key]:
					onGood++
				}
			}
			if len(onBad) == 0 || onGood == 0 {
				t.Errorf("%d and %d keys", len(onBad), onGood)
			}
		})
	}
}

// TestFrozen: a server that does not answer ends a call with its context or its timeout. A write
// may have taken effect. The goroutines end.
func TestFrozen(t *testing.T) {
	s := testenv.Memcached(t)
	before := runtime.NumGoroutine()
	patient := open(t, s.Addr(), memcached.WithTimeout(time.Minute), memcached.WithConnections(20))
	if err := patient.Add(t.Context(), secretKey, item("old"), time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := s.Pause(); err != nil {
		t.Fatal(err)
	}
	for _, op := range operations {
		// Replace and Remove look first, and have not written yet.
		unknown := op.name == "Add" || op.name == "Delete"
		// On a busy machine the time may be over before anything is sent.
		for wait, sent := 20*time.Millisecond, false; !sent; wait *= 2 {
			ctx, cancel := context.WithTimeout(t.Context(), wait)
			byContext := op.call(ctx, patient, secretKey)
			cancel()
			byTimeout := op.call(t.Context(), open(t, s.Addr(), memcached.WithTimeout(wait)), secretKey)
			if !errors.Is(byContext, context.DeadlineExceeded) {
				t.Errorf("%s: %v, want the context's error", op.name, byContext)
			}
			sent = true
			for _, err := range []error{byContext, byTimeout} {
				is := errors.Is(err, django.ErrOutcomeUnknown)
				if err == nil || is && !unknown || errors.Is(err, django.ErrNotFound) {
					t.Errorf("%s: %v", op.name, err)
				}
				sent = sent && is == unknown
				quiet(t, err, "secret")
			}
			if wait > 10*time.Second {
				t.Fatalf("%s: %v and %v, want unknown outcomes", op.name, byContext, byTimeout)
			}
		}
	}
	// Calls that wait for a connection end with their context as well, and were not sent.
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	ended := make(chan error)
	for i := range 100 {
		go func() { ended <- patient.Add(ctx, fmt.Sprint(secretKey, i), item("new"), time.Hour) }()
	}
	unknown := 0
	for range 100 {
		err := <-ended
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want the context's error", err)
		}
		if errors.Is(err, django.ErrOutcomeUnknown) {
			unknown++
		}
	}
	if unknown > 20 {
		t.Errorf("%d writes were sent, over 20 connections", unknown)
	}
	if err := s.Resume(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(30 * time.Second); runtime.NumGoroutine() > before+2; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
	if _, err := patient.Get(t.Context(), secretKey); err != nil && !errors.Is(err, django.ErrNotFound) {
		t.Errorf("after the server went on: %v", err)
	}
}

// TestCut: if the connection breaks between a write and its answer, or while the write is sent,
// its outcome is unknown. What has been sent takes effect.
func TestCut(t *testing.T) {
	s := servers.Memcached(t)
	direct := open(t, s.Addr())
	proxy, err := testenv.StartProxy(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	c := open(t, proxy.Addr())
	verbs := map[string]string{"Get": "gets ", "Add": "add ", "Replace": "cas ", "Remove": "cas ", "Delete": "delete "}
	for _, op := range operations {
		for name, cut := range map[string]func(string, func()) <-chan struct{}{"after": proxy.CutAfter, "before": proxy.CutBefore} {
			t.Run(op.name+" "+name, func(t *testing.T) {
				key := secretKey + op.name + name
				if err := direct.Add(t.Context(), key, item("old"), time.Hour); err != nil {
					t.Fatal(err)
				}
				made := cut(verbs[op.name], nil)
				err := op.call(t.Context(), c, key)
				<-made
				quiet(t, err, "secret")
				if op.name == "Get" || op.name == "Delete" { // which are repeated
					if err != nil {
						t.Error(err)
					}
				} else if !errors.Is(err, django.ErrOutcomeUnknown) {
					t.Errorf("%v, want ErrOutcomeUnknown", err)
				}
				want := map[string]string{"Get": "old", "Replace": "new", "Add": "new"}[op.name]
				if name == "before" && op.name != "Delete" {
					want = map[string]string{"Get": "old", "Replace": "old", "Remove": "old"}[op.name]
				}
				if op.name == "Add" {
					key += "new"
				}
				if got, err := direct.Get(t.Context(), key); got.Value != want || (want == "") != errors.Is(err, django.ErrNotFound) {
					t.Errorf("the server holds %q, %v, want %q", got.Value, err, want)
				}
			})
		}
	}
}
