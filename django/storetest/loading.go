package storetest

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

func absent(s *suite) {
	s.missing(newKey())
	if err := s.store.Delete(s.Context(), newKey()); err != nil {
		s.Errorf("Delete of an absent session: %v", err)
	}
}

// impossibleKeys are what a client may send: absent, and not an error.
func impossibleKeys(s *suite) {
	rec := s.create(`{"a":1}`, s.later())
	for name, key := range map[string]string{
		"empty":      "",
		"short":      "abc",
		"41":         strings.Repeat("a", 41),
		"10 kB":      strings.Repeat("a", 10<<10),
		"NUL":        rec.Key[:31] + "\x00",
		"path":       "../../../../../etc/passwd",
		"SQL":        "' OR '1'='1' -- ",
		"wildcard":   strings.Repeat("%", 32),
		"not UTF-8":  strings.Repeat("\xff", 32),
		"control":    "abcdefgh\r\nijklmnop",
		"space":      rec.Key + " ",
		"upper case": strings.ToUpper(rec.Key),
	} {
		if rec, err := s.store.Load(s.Context(), key, s.now); !s.absentRecord(rec, err) {
			s.Errorf("%s: Load: %v, want ErrNotFound", name, err)
		}
		if err := s.store.Delete(s.Context(), key); err != nil {
			s.Errorf("%s: Delete: %v", name, err)
		}
	}
	s.holds(rec.Key, `{"a":1}`)
}

// lossless: the order of keys, and what Python's JSON has and others do not. Values that the
// store's serializer has no form for are refused by an error that is serializer.ErrFormat, and
// nothing is stored.
func lossless(s *suite) {
	for _, c := range []struct {
		text   string
		exotic bool
	}{
		{`{"z":1,"a":1.0,"m":[NaN,-Infinity,1e+16],"nil":null}`, false},
		{`{"\u00e9":"\ud83d\ude00","quote":"\"\\\n","case":"aBcD","":{}}`, false},
		{`{"long":"` + strings.Repeat("shoes ", 20000) + `"}`, false},
		{`{"big":1267650600228229401496703205376}`, true},
		{`{"lone":"\ud800"}`, true},
	} {
		w := s.write(newKey(), c.text, s.later())
		rec, err := s.store.Create(s.Context(), w)
		switch {
		case err == nil:
			s.holds(rec.Key, c.text)
		case c.exotic && errors.Is(err, serializer.ErrFormat):
			s.Logf("the store refuses %s: %v", c.text, err)
			s.missing(w.Key)
		default:
			s.Fatalf("Create: %v", err)
		}
	}
}

// format: a store with serializer.FormatPickle keeps a datetime, which only a pickle has. Any other
// refuses it by an error that is serializer.ErrFormat, and stores nothing.
func format(s *suite) {
	v, err := serializer.EncodePickle(s.now)
	if err != nil {
		s.Fatal(err)
	}
	w := s.write(newKey(), `{"a":1}`, s.later())
	w.Data.Set("date", v)
	rec, err := s.store.Create(s.Context(), w)
	switch pickles := s.caps.Format == serializer.FormatPickle; {
	case !pickles && !errors.Is(err, serializer.ErrFormat):
		s.Errorf("Create: %v, want serializer.ErrFormat", err)
	case !pickles:
		s.missing(w.Key)
	case err != nil:
		s.Errorf("Create: %v", err)
	default:
		var got time.Time
		if loaded, ok := s.load(rec.Key).Data.Get("date"); !ok || loaded.Decode(&got) != nil || !got.Equal(s.now) {
			s.Errorf("a datetime is loaded as %v, want %v", got, s.now)
		}
	}
}

func empty(s *suite) {
	rec, err := s.store.Create(s.Context(), django.Write{Key: newKey(), Data: new(serializer.Dict), Expires: s.later(), Age: time.Hour})
	if err != nil {
		s.Fatalf("Create: %v", err)
	}
	s.holds(rec.Key, `{}`)
}

// nothingIsShared: a later change of a dict does not reach the store, and the store does
// not change the dicts that it is given.
func nothingIsShared(s *suite) {
	w := s.write(newKey(), `{"a":1}`, s.later())
	rec, err := s.store.Create(s.Context(), w)
	if err != nil {
		s.Fatalf("Create: %v", err)
	}
	s.isUnchanged(w.Data, `{"a":1}`, "Create")
	w.Data.Clear()
	loaded := s.load(rec.Key).Data
	loaded.Delete("a")
	s.holds(rec.Key, `{"a":1}`)

	w = s.write(rec.Key, `{"b":2}`, s.later())
	saved := s.save(rec, w)
	s.isUnchanged(w.Data, `{"b":2}`, "Save")
	w.Data.Clear()
	s.holds(saved.Key, `{"b":2}`)
	if s.caps.ChoosesKeys {
		return // and has no conflicts
	}

	w = s.write(rec.Key, `{"c":3}`, s.later())
	current := s.refused(rec, w, django.ErrConflict)
	s.isUnchanged(w.Data, `{"c":3}`, "Save with a conflict")
	current.Data.Clear()
	s.holds(rec.Key, `{"b":2}`)
}

func (s *suite) isUnchanged(d *serializer.Dict, text, call string) {
	s.Helper()
	if got := s.dump(d); got != text {
		s.Errorf("%s has changed the dict that it was given to %s", call, got)
	}
}

func remove(s *suite) {
	rec, other := s.create(`{"a":1}`, s.later()), s.create(`{"b":2}`, s.later())
	for range 2 { // the second time it is absent
		if err := s.store.Delete(s.Context(), rec.Key); err != nil {
			s.Fatalf("Delete: %v", err)
		}
	}
	s.missing(rec.Key)
	s.holds(other.Key, `{"b":2}`)
}

// cancelled: a context that has ended is an error, and nothing is stored.
func cancelled(s *suite) {
	rec := s.create(`{"a":1}`, s.later())
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	key := newKey()
	if _, err := s.store.Load(ctx, rec.Key, s.now); err == nil || errors.Is(err, django.ErrNotFound) {
		s.Errorf("Load: %v, want the context's error", err)
	}
	if _, err := s.store.Create(ctx, s.write(key, `{}`, s.later())); err == nil {
		s.Error("Create: no error")
	}
	if _, err := s.store.Save(ctx, rec, s.write(rec.Key, `{}`, s.later())); err == nil ||
		errors.Is(err, django.ErrNotFound) || errors.Is(err, django.ErrConflict) {
		s.Errorf("Save: %v, want the context's error", err)
	}
	if err := s.store.Delete(ctx, rec.Key); err == nil && !s.caps.ChoosesKeys {
		s.Error("Delete: no error")
	}
	s.missing(key)
	s.holds(rec.Key, `{"a":1}`)
}
