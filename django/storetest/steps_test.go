package storetest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
)

// halfMoved is the cache, whose first move makes the copy, reports an unknown outcome, and
// deletes the old key only when the session is next looked for under it.
type halfMoved struct {
	*cache
	moved   bool
	pending func()
	loads   int
}

func (h *halfMoved) Save(ctx context.Context, old django.Record, w django.Write) (django.Record, error) {
	if _, taken := h.get(w.Key); h.moved && w.Key != old.Key && taken {
		return django.Record{}, django.ErrExists
	}
	if h.moved || w.Key == old.Key {
		return h.cache.Save(ctx, old, w)
	}
	text, err := h.codec.Encode(ctx, w.Data)
	if err != nil {
		return django.Record{}, err
	}
	_, err = h.cas(w.Key, "", text, w.Age)
	h.moved, h.loads = true, 0
	h.pending = func() { _ = h.remove(old.Key, old.Version) }
	return django.Record{}, errors.Join(err, django.ErrOutcomeUnknown)
}

func (h *halfMoved) Load(ctx context.Context, key string, now time.Time) (django.Record, error) {
	rec, err := h.cache.Load(ctx, key, now)
	if h.loads++; h.pending != nil && h.loads == 2 { // after the retry's own look
		h.pending()
		h.pending = nil
	}
	return rec, err
}

// A login is not lost if the second step of its move takes effect late.
func TestMoveWhoseSecondStepIsLate(t *testing.T) {
	var store *halfMoved
	settings := django.DefaultSettings()
	settings.SecretKey = "the-secret-of-the-site"
	ss, err := django.New(settings, django.EngineFunc(func(site django.Site) (django.Store, error) {
		store = &halfMoved{cache: &cache{codec: site.Codec, items: map[string]item{}}}
		return store, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	s := ss.NewSession()
	if err := errors.Join(s.Set("a", 1), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	old := s.Key()
	if s, err = ss.Load(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	s.CycleKey()
	if err := errors.Join(s.Set("b", 2), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	now, err := ss.Load(t.Context(), s.Key())
	if err != nil || !now.Has("b") || s.Key() == old || len(store.items) != 1 {
		t.Errorf("%v; the key changed: %t; %d sessions are stored", err, s.Key() != old, len(store.items))
	}
}

// What another writer stored is not lost after a merge that only touched the session.
func TestTouchThatMerges(t *testing.T) {
	settings := django.DefaultSettings()
	settings.SecretKey = "the-secret-of-the-site"
	ss, err := django.New(settings, django.EngineFunc(func(site django.Site) (django.Store, error) {
		return &locked{codec: site.Codec, dir: t.TempDir()}, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	s := ss.NewSession()
	if err := errors.Join(s.Set("a", 1), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	other, err := ss.Load(t.Context(), s.Key())
	if err := errors.Join(err, other.Set("paid", true), other.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	s.MarkModified()
	if err := errors.Join(s.Save(t.Context()), s.Set("b", 2), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	now, err := ss.Load(t.Context(), s.Key())
	if err != nil || !now.Has("paid") || !now.Has("b") {
		t.Errorf("%v, or a change was lost", err)
	}
}
