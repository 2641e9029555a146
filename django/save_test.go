package django_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
)

var errDown = errors.New("the database is down")

// What another writer did to other keys stays; what was done here is done on top,
// in the order in which it was done.
func TestSaveMerges(t *testing.T) {
	set := func(key string, v any) func(*django.Session) {
		return func(s *django.Session) { _ = s.Set(key, v) }
	}
	del := func(key string) func(*django.Session) { return func(s *django.Session) { s.Delete(key) } }
	all := func(changes ...func(*django.Session)) func(*django.Session) {
		return func(s *django.Session) {
			for _, change := range changes {
				change(s)
			}
		}
	}
	clear := (*django.Session).Clear
	tests := []struct {
		name          string
		here, there   func(*django.Session)
		stored, saved string
	}{
		{"other keys", set("b", 2), set("c", 3), `{"a":1}`, `{"a":1,"c":3,"b":2}`},
		{"the same key", set("a", 2), set("a", 3), `{"a":1}`, `{"a":2}`},
		{"untouched bytes", set("b", 2), set("c", 3), `{"a":1.50e0,"x":NaN,"\u0061b":"\ud800"}`, `{"a":1.50e0,"x":NaN,"\u0061b":"\ud800","c":3,"b":2}`},
		{"deleted here", del("a"), set("a", 3), `{"a":1,"z":0}`, `{"z":0}`},
		{"deleted there", set("b", 2), del("a"), `{"a":1}`, `{"b":2}`},
		{"deleted there, set here", set("a", 2), del("a"), `{"a":1,"z":0}`, `{"z":0,"a":2}`},
		{"deleted both", all(del("a"), set("b", 1)), del("a"), `{"a":1}`, `{"b":1}`},
		{"delete, then set", all(del("a"), set("a", 2)), set("c", 3), `{"a":1,"z":0}`, `{"z":0,"c":3,"a":2}`},
		{"set, then delete", all(set("b", 2), del("b"), set("x", 1)), set("b", 3), `{"a":1}`, `{"a":1,"x":1}`},
		{"set twice", all(set("b", 1), set("x", 1), set("b", 2)), set("c", 3), `{"a":1}`, `{"a":1,"c":3,"b":2,"x":1}`},
		{"delete set delete set", all(del("a"), set("a", 1), set("x", 1), del("a"), set("a", 2)), set("c", 3), `{"a":0}`, `{"c":3,"x":1,"a":2}`},
		{"clear here", clear, set("c", 3), `{"a":1}`, `{}`},
		{"set, then clear", all(set("b", 2), clear), set("c", 3), `{"a":1}`, `{}`},
		{"clear, then set", all(clear, set("b", 2)), set("c", 3), `{"a":1}`, `{"b":2}`},
		{"clear there", set("b", 2), clear, `{"a":1}`, `{"b":2}`},
		{"nothing here", (*django.Session).MarkModified, set("c", 3), `{"a":1}`, `{"a":1,"c":3}`},
		{"a cycled key", all((*django.Session).CycleKey, set("b", 2)), set("c", 3), `{"a":1}`, `{"a":1,"c":3,"b":2}`},
		{"expiry of the merged dict", set("b", 2), func(s *django.Session) { _ = s.SetExpiry(60e9) }, `{}`, `{"_session_expiry":60,"b":2}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			st := newSite(t, nil)
			st.put(validKey, tt.stored)
			s := st.load(validKey)
			tt.here(s)
			st.meanwhile(validKey, tt.there)
			must(t, s.Save(t.Context()))
			check(t, "what is stored", st.data(s.Key()), tt.saved)
			check(t, "what the session holds", jsonOf(t, s), strings.ReplaceAll(tt.saved, `\u0061`, "a"))
			check(t, "the number of sessions", len(st.keys()), 1)
			if strings.Contains(tt.saved, "_session_expiry") {
				check(t, "how long it lives", st.lives(validKey), 60e9)
			}
			// Nothing is left over to be done again.
			must(t, s.Set("later", true))
			must(t, s.Save(t.Context()))
			check(t, "what is stored later", st.data(s.Key()), strings.Replace(strings.TrimSuffix(tt.saved, "}")+`,"later":true}`, "{,", "{", 1))
		})
	}
}

// One load and one save is all that a change costs while nobody interferes.
func TestSaveCalls(t *testing.T) {
	st := newSite(t, nil)
	s := st.NewSession()
	must(t, s.Set("a", 1))
	check(t, "calls before the save", st.store.count(), "")
	must(t, s.Save(t.Context()))
	check(t, "calls to create", st.store.count(), "Create")
	s = st.load(s.Key())
	must(t, s.Set("b", 1))
	must(t, s.Save(t.Context()))
	check(t, "calls to change", st.store.count(), "Load Save")
	s.CycleKey()
	must(t, s.Save(t.Context()))
	check(t, "calls to cycle", st.store.count(), "Save")
	st.meanwhile(s.Key(), func(s *django.Session) { s.Clear() })
	must(t, s.Set("c", 1))
	must(t, s.Save(t.Context()))
	check(t, "calls to merge", st.store.count(), "Save Save")
	must(t, s.Flush(t.Context()))
	check(t, "calls to flush", st.store.count(), "Delete")
}

// A session without changes has its expiry renewed, its data left alone: even
// data that cannot be read.
func TestTouchDoesNotRewrite(t *testing.T) {
	st := newSite(t, nil, django.WithUnreadableAsEmpty())
	st.put(validKey, `{ "a" : 1 }`)
	text := st.text(validKey)
	st.now = st.now.Add(60e9)
	st.store.on("Save", nil)
	s := st.load(validKey)
	s.MarkModified()
	must(t, s.Save(t.Context()))
	check(t, "the text", st.text(validKey), text)
	check(t, "how long it lives", st.lives(validKey), time.Duration(st.Settings().SessionCookieAge)*time.Second)

	st.putText(validKey, "tampered")
	s = st.load(validKey)
	check(t, "what was read", s.Len(), 0)
	s.MarkModified()
	must(t, s.Save(t.Context()))
	check(t, "the text", st.text(validKey), "tampered")
	must(t, s.Set("a", 1))
	must(t, s.Save(t.Context()))
	check(t, "the data", st.data(validKey), `{"a":1}`)
	if !strings.Contains(st.logs.String(), "Session data corrupted") {
		t.Error("nothing was logged")
	}
}

// A session that was deleted meanwhile stays deleted, whatever is done.
func TestInterruptedSessionsStayGone(t *testing.T) {
	for name, change := range map[string]func(*django.Session){
		"set":   func(s *django.Session) { _ = s.Set("b", 2) },
		"mark":  (*django.Session).MarkModified,
		"clear": (*django.Session).Clear,
		"cycle": (*django.Session).CycleKey,
	} {
		st := newSite(t, nil)
		st.put(validKey, `{"a":1}`)
		s := st.load(validKey)
		must(t, st.other().Delete(t.Context(), validKey))
		for range 2 {
			change(s)
			if err := s.Save(t.Context()); !errors.Is(err, django.ErrInterrupted) {
				t.Errorf("%s: %v", name, err)
			}
		}
		check(t, "the number of sessions after "+name, len(st.keys()), 0)
		must(t, s.Flush(t.Context()))
	}
}

// Also when it is deleted between two tries.
func TestInterruptedWhileMerging(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	s := st.load(validKey)
	must(t, s.Set("b", 2))
	other := st.other()
	st.store.once("Save", func() error {
		st.put(validKey, `{"a":2}`)
		st.store.once("Save", func() error { return other.Delete(context.Background(), validKey) })
		return nil
	})
	if err := s.Save(t.Context()); !errors.Is(err, django.ErrInterrupted) {
		t.Error(err)
	}
	check(t, "calls", st.store.count(), "Load Save Save")
	check(t, "the number of sessions", len(st.keys()), 0)
}

// A failed save leaves the changes as they are, to be saved by another.
func TestSaveFailsAndIsRepeated(t *testing.T) {
	st := newSite(t, nil)
	s := st.NewSession()
	must(t, s.Set("a", 1))
	st.store.fail("Create", errDown)
	if err := s.Save(t.Context()); !errors.Is(err, errDown) {
		t.Error(err)
	}
	check(t, "the key", s.Key(), "")
	st.store.on("Create", nil)
	must(t, s.Save(t.Context()))

	key := s.Key()
	must(t, s.Set("b", 2))
	s.CycleKey()
	st.store.fail("Save", errDown)
	if err := s.Save(t.Context()); !errors.Is(err, errDown) {
		t.Error(err)
	}
	check(t, "the key", s.Key(), key)
	check(t, "what is stored", st.data(key), `{"a":1}`)
	st.store.on("Save", nil)
	must(t, s.Save(t.Context()))
	check(t, "what is stored then", st.data(s.Key()), `{"a":1,"b":2}`)
	if s.Key() == key || st.data(key) != "" {
		t.Error("the key was not cycled")
	}
}

// A conflict that shows the same version over and over has no end of its own.
func TestBlindConflictEnds(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	rec, err := st.store.Store.Load(t.Context(), validKey, testNow)
	must(t, err)
	conflicting := &conflictStore{Store: st.store, rec: rec}
	ss, err := st.With(django.EngineFunc(func(django.Site) (django.Store, error) { return conflicting, nil }))
	must(t, err)
	s, err := ss.Load(t.Context(), validKey)
	must(t, err)
	must(t, s.Set("b", 2))
	if err := s.Save(t.Context()); !errors.Is(err, django.ErrConflict) {
		t.Error(err)
	}
	if conflicting.saves > 10 {
		t.Errorf("%d tries", conflicting.saves)
	}
	conflicting.rec.Data = nil
	if err := s.Save(t.Context()); !errors.Is(err, django.ErrConflict) {
		t.Error(err)
	}
	check(t, "what the session holds", jsonOf(t, s), `{"a":1,"b":2}`)
}

// conflictStore answers every save with the same conflict.
type conflictStore struct {
	django.Store
	rec   django.Record
	saves int
}

func (s *conflictStore) Save(context.Context, django.Record, django.Write) (django.Record, error) {
	s.saves++
	rec := s.rec
	if rec.Data != nil {
		rec.Data = rec.Data.Clone()
	}
	return rec, django.ErrConflict
}

// Another writer that is always faster is given up when the context ends.
func TestSaveEndsWithItsContext(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"n":0}`)
	s := st.load(validKey)
	must(t, s.Set("b", 2))
	ctx, cancel := context.WithCancel(t.Context())
	tries := 0
	st.store.on("Save", func() error {
		if tries++; tries == 20 {
			cancel()
		}
		st.put(validKey, `{"n":`+strings.Repeat("1", tries)+`}`)
		return nil
	})
	if err := s.Save(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	check(t, "tries", tries, 20)
	st.store.on("Save", nil)
	must(t, s.Save(t.Context()))
	check(t, "what is stored", st.data(validKey), `{"n":`+strings.Repeat("1", 20)+`,"b":2}`)
}

// Expired sessions are not there, and go by ClearExpired.
func TestClearExpired(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	st.put(unknownKey, `{"a":1}`)
	n, err := st.ClearExpired(t.Context())
	must(t, err)
	check(t, "how many went at once", n, 0)
	st.now = st.now.Add(24*time.Hour + time.Second)
	if _, err := st.Load(t.Context(), validKey); !errors.Is(err, django.ErrNotFound) {
		t.Errorf("an expired session: %v", err)
	}
	if n, err = st.ClearExpired(t.Context()); err != nil || n != 2 {
		t.Errorf("%d went, %v", n, err)
	}
	check(t, "what is left", len(st.keys()), 0)
}

// An expiry that makes no sense is an error, and nothing is stored.
func TestSaveWithBadExpiry(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"_session_expiry":"soon"}`)
	s := st.load(validKey)
	must(t, s.Set("a", 1))
	if err := s.Save(t.Context()); !errors.Is(err, django.ErrExpiry) || strings.Contains(err.Error(), "soon") {
		t.Error(err)
	}
	check(t, "what is stored", st.data(validKey), `{"_session_expiry":"soon"}`)
	s = st.NewSession()
	must(t, s.Set("_session_expiry", []int{1}))
	if err := s.Save(t.Context()); err == nil {
		t.Error("created")
	}
	check(t, "calls", st.store.count(), "Load")
}
