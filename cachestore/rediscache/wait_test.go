package rediscache_test

import (
	"errors"
	"strings"
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

// TestDeleteAbsent: WAIT asks only for the last write of its own connection, from Redis 7.2 on. So
// deleting what an earlier call may have deleted, unacknowledged, is a write as well.
func TestDeleteAbsent(t *testing.T) {
	server := testenv.Redis(t)
	client := dial(t, server.URL(0))
	changes := func(opts ...rediscache.Option) string {
		t.Helper()
		before, err := server.Command(t.Context(), "INFO", "persistence")
		deleted := rediscache.New(client, opts...).Delete(t.Context(), "absent")
		if err != nil || (deleted != nil) != (opts != nil) || deleted != nil && !errors.Is(deleted, django.ErrOutcomeUnknown) {
			t.Fatal(err, deleted)
		}
		after, err := server.Command(t.Context(), "INFO", "persistence")
		if err != nil {
			t.Fatal(err)
		}
		return changed(before) + " to " + changed(after)
	}
	if got := changes(); got != "0 to 0" {
		t.Errorf("without WAIT, the number of writes went from %s", got)
	}
	if got := changes(rediscache.WithWait(1, time.Millisecond)); got != "0 to 4" { // a SET and a DEL, twice
		t.Errorf("with WAIT, the number of writes went from %s", got)
	}
}

// changed returns how many writes a server counts, in its INFO persistence.
func changed(info string) string {
	_, rest, _ := strings.Cut(info, "rdb_changes_since_last_save:")
	n, _, _ := strings.Cut(rest, "\r")
	return n
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
