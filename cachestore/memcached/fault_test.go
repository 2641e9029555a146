package memcached_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
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

// TestFrozen: a server that does not answer ends a call with its context or its timeout. A write
// may have taken effect. The goroutines end.
func TestFrozen(t *testing.T) {
	s := testenv.Memcached(t)
	before := runtime.NumGoroutine()
	patient := open(t, s.Addr(), memcached.WithTimeout(time.Second), memcached.WithConnections(20))
	hasty := open(t, s.Addr(), memcached.WithTimeout(20*time.Millisecond))
	if err := patient.Add(t.Context(), secretKey, item("old"), time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := s.Pause(); err != nil {
		t.Fatal(err)
	}
	for _, op := range operations {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		byContext := op.call(ctx, patient, secretKey)
		cancel()
		byTimeout := op.call(t.Context(), hasty, secretKey)
		if !errors.Is(byContext, context.DeadlineExceeded) {
			t.Errorf("%s: %v, want the context's error", op.name, byContext)
		}
		for _, err := range []error{byContext, byTimeout} {
			// Replace and Remove look first, and have not written yet.
			unknown := op.name == "Add" || op.name == "Delete"
			if err == nil || errors.Is(err, django.ErrOutcomeUnknown) != unknown || errors.Is(err, django.ErrNotFound) {
				t.Errorf("%s: %v", op.name, err)
			}
			quiet(t, err, "secret")
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

// TestCutBeforeTheAnswer: if the connection breaks between a write and its answer, the outcome
// is unknown.
func TestCutBeforeTheAnswer(t *testing.T) {
	for _, op := range operations {
		if !op.writes {
			continue
		}
		t.Run(op.name, func(t *testing.T) {
			s := testenv.Memcached(t)
			direct := open(t, s.Addr())
			if err := direct.Add(t.Context(), secretKey, item("old"), time.Hour); err != nil {
				t.Fatal(err)
			}
			verb := map[string]string{"Add": "add", "Delete": "delete"}[op.name]
			if verb == "" {
				verb = "cas"
			}
			c := open(t, cutting(t, s.Addr(), verb))
			err := op.call(t.Context(), c, secretKey)
			if !errors.Is(err, django.ErrOutcomeUnknown) {
				t.Errorf("%v, want ErrOutcomeUnknown", err)
			}
			quiet(t, err, "secret")
			key := secretKey
			if op.name == "Add" {
				key += "new"
			}
			got, err := direct.Get(t.Context(), key)
			if gone := op.name == "Remove" || op.name == "Delete"; gone != errors.Is(err, django.ErrNotFound) || !gone && got != item("new") {
				t.Errorf("the server holds %v, %v: the write took effect", got, err)
			}
		})
	}
}

// cutting returns the address of a proxy that passes commands on, and closes the connection
// instead of the answer to one with this verb.
func cutting(t *testing.T, target, verb string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer client.Close()
				server, err := net.Dial("tcp", target)
				if err != nil {
					return
				}
				defer server.Close()
				answers, buffer := bufio.NewReader(server), make([]byte, 64<<10)
				for {
					n, err := client.Read(buffer)
					if err != nil {
						return
					}
					if _, err := server.Write(buffer[:n]); err != nil {
						return
					}
					cut := strings.HasPrefix(string(buffer[:n]), verb+" ")
					for last := false; !last; {
						line, err := answers.ReadString('\n')
						if err != nil || cut {
							return
						}
						if _, err := client.Write([]byte(line)); err != nil {
							return
						}
						last = !strings.HasPrefix(line, "VALUE ") && line == strings.ToUpper(line)
					}
				}
			}()
		}
	}()
	return listener.Addr().String()
}
