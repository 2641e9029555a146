package rediscache_test

import (
	"errors"
	"testing"
	"time"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// TestWaitWithoutReplica: a write that no replica acknowledges is of unknown outcome, and is not
// undone. What writes nothing is what it is without WAIT.
func TestWaitWithoutReplica(t *testing.T) {
	client := dial(t, servers.Redis(t).URL(0))
	cache, calm := rediscache.New(client, rediscache.WithWait(1, time.Millisecond)), rediscache.New(client)
	key := testenv.NewKeyPrefix()
	is := func(what string, err, want error, value string) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
		private(t, err, key, "the-value", "other-value")
		if got, err := calm.Get(t.Context(), key); got.Value != value || err != nil && !errors.Is(err, django.ErrNotFound) {
			t.Errorf("after %s: %q, %v, want %q", what, got.Value, err, value)
		}
	}
	is("Add", cache.Add(t.Context(), key, item("the-value"), time.Minute), django.ErrOutcomeUnknown, "the-value")
	is("Add again", cache.Add(t.Context(), key, item("other-value"), time.Minute), django.ErrExists, "the-value")
	current, err := cache.Replace(t.Context(), key, item("other-value"), item("a"), time.Minute)
	is("Replace of another", err, django.ErrConflict, "the-value")
	if current != item("the-value") {
		t.Error("the conflict does not return what is stored")
	}
	_, err = cache.Replace(t.Context(), key, item("the-value"), item("other-value"), time.Minute)
	is("Replace", err, django.ErrOutcomeUnknown, "other-value")
	_, err = cache.Remove(t.Context(), key, item("other-value"))
	is("Remove", err, django.ErrOutcomeUnknown, "")
	_, err = cache.Remove(t.Context(), key, item("other-value"))
	is("Remove again", err, django.ErrNotFound, "")
	is("Delete", cache.Delete(t.Context(), key), django.ErrOutcomeUnknown, "")
}

// TestForgottenScripts: a server forgets scripts, when it is restarted for one.
func TestForgottenScripts(t *testing.T) {
	server := testenv.Redis(t)
	client := dial(t, server.URL(0))
	for _, opts := range [][]rediscache.Option{nil, {rediscache.WithWait(1, time.Millisecond)}} {
		cache := rediscache.New(client, opts...)
		forget := func() {
			t.Helper()
			if _, err := server.Command(t.Context(), "SCRIPT", "FLUSH"); err != nil {
				t.Fatal(err)
			}
		}
		was := item("a")
		if err := rediscache.New(client).Add(t.Context(), "key", was, time.Minute); err != nil {
			t.Fatal(err)
		}
		for _, next := range []cachestore.Item{item("b"), item("b"), item("c")} {
			forget()
			if _, err := cache.Replace(t.Context(), "key", was, next, time.Minute); err != nil && (opts == nil || !errors.Is(err, django.ErrOutcomeUnknown)) {
				t.Errorf("Replace: %v", err)
			}
			was = next
		}
		forget()
		if current, err := cache.Remove(t.Context(), "key", item("b")); current != was || !errors.Is(err, django.ErrConflict) {
			t.Errorf("Remove of another value: %v", err)
		}
		if _, err := cache.Remove(t.Context(), "key", was); err != nil && opts == nil {
			t.Errorf("Remove: %v", err)
		}
	}
}
