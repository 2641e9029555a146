package storetest_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/django/storetest"
	"github.com/djsession/djsession/memstore"
	"github.com/djsession/djsession/serializer"
)

// broken is a store that breaks its contract in one way.
type broken struct {
	django.Store
	caps django.Capabilities
	save func(s django.Store, ctx context.Context, old django.Record, w django.Write) (django.Record, error)
}

func (b broken) Capabilities() django.Capabilities { return b.caps }

func (b broken) Save(ctx context.Context, old django.Record, w django.Write) (django.Record, error) {
	if b.save == nil {
		return b.Store.Save(ctx, old, w)
	}
	return b.save(b.Store, ctx, old, w)
}

var atomic = django.Capabilities{AtomicMove: true}

// brokenStores are by the check that finds them.
var brokenStores = map[string]broken{
	"ExpiresByItself": {caps: django.Capabilities{AtomicMove: true, Expires: true}},
	"Merge":           {caps: django.Capabilities{AtomicMove: true, Merges: true}},
	"ChosenKeys":      {caps: django.Capabilities{AtomicMove: true, ChoosesKeys: true}},
	"Format":          {caps: django.Capabilities{AtomicMove: true, Format: serializer.FormatPickle}},
	// It is last write wins.
	"Conflict": {caps: atomic, save: func(s django.Store, ctx context.Context, old django.Record, w django.Write) (django.Record, error) {
		if current, err := s.Load(ctx, old.Key, time.Now()); err == nil {
			old.Version = current.Version
		}
		return s.Save(ctx, old, w)
	}},
	// It creates what was deleted.
	"Gone": {caps: atomic, save: func(s django.Store, ctx context.Context, old django.Record, w django.Write) (django.Record, error) {
		if _, err := s.Load(ctx, old.Key, time.Now()); err != nil && w.Data != nil {
			return s.Create(ctx, w)
		}
		return s.Save(ctx, old, w)
	}},
	// It moves in steps.
	"MoveNeverMissing": {caps: atomic, save: func(s django.Store, ctx context.Context, old django.Record, w django.Write) (django.Record, error) {
		if w.Key == old.Key || w.Data == nil {
			return s.Save(ctx, old, w)
		}
		rec, err := s.Create(ctx, w)
		if err != nil {
			return rec, err
		}
		time.Sleep(5 * time.Millisecond)
		return rec, s.Delete(ctx, old.Key)
	}},
	// It does not set a new expiry.
	"Touch": {caps: atomic, save: func(s django.Store, ctx context.Context, old django.Record, w django.Write) (django.Record, error) {
		if w.Data == nil && w.Key == old.Key {
			return old, nil
		}
		return s.Save(ctx, old, w)
	}},
	// It empties the dict that it is given.
	"NothingIsShared": {caps: atomic, save: func(s django.Store, ctx context.Context, old django.Record, w django.Write) (django.Record, error) {
		if w.Data != nil {
			defer w.Data.Clear()
		}
		return s.Save(ctx, old, w)
	}},
	// It loses a session that moves.
	"UnknownOutcome": {caps: atomic, save: func(s django.Store, ctx context.Context, old django.Record, w django.Write) (django.Record, error) {
		rec, err := s.Save(ctx, old, w)
		if err == nil && w.Key != old.Key {
			_ = s.Delete(ctx, w.Key)
		}
		return rec, err
	}},
}

const runBroken = "STORETEST_BROKEN"

// TestBrokenStore runs the suite with a broken store, in the process that
// TestBrokenStoresFail starts.
func TestBrokenStore(t *testing.T) {
	b, ok := brokenStores[os.Getenv(runBroken)]
	if !ok {
		return // this is not that process
	}
	storetest.Run(t, func(t *testing.T) django.Store {
		b := b
		b.Store = open(t, func(_ *testing.T, site django.Site) django.Store {
			store, err := memstore.New().Open(site)
			if err != nil {
				t.Fatal(err)
			}
			return store
		})
		return b
	})
}

// TestBrokenStoresFail: the suite finds a store that breaks a promise or claims too much.
func TestBrokenStoresFail(t *testing.T) {
	for check := range brokenStores {
		t.Run(check, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBrokenStore$/^"+check+"$")
			cmd.Env = append(os.Environ(), runBroken+"="+check)
			out, err := cmd.CombinedOutput()
			if want := "--- FAIL: TestBrokenStore/" + check + " "; err == nil || !strings.Contains(string(out), want) {
				t.Errorf("%v, without %q:\n%s", err, want, out)
			}
		})
	}
}
