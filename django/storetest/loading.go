package storetest

import (
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

// impossibleKeys are what a client may send: no such session, and no error.
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
		if _, err := s.store.Load(s.Context(), key, s.now); !errors.Is(err, django.ErrNotFound) {
			s.Errorf("%s: Load: %v, want ErrNotFound", name, err)
		}
		if err := s.store.Delete(s.Context(), key); err != nil {
			s.Errorf("%s: Delete: %v", name, err)
		}
	}
	s.holds(rec.Key, `{"a":1}`)
}

// lossless: order, and what Python's JSON has and others have not.
func lossless(s *suite) {
	for _, text := range []string{
		`{"z":1,"a":1.0,"m":[NaN,-Infinity,1e+16],"big":1267650600228229401496703205376,"nil":null}`,
		`{"\u00e9":"\ud83d\ude00","lone":"\ud800","quote":"\"\\\n","case":"aBcD","":{}}`,
		`{"long":"` + strings.Repeat("shoes ", 20000) + `"}`,
	} {
		rec := s.create(text, s.later())
		s.holds(rec.Key, text)
	}
}

func empty(s *suite) {
	rec, err := s.store.Create(s.Context(), newKey(), new(serializer.Dict), s.later())
	if err != nil {
		s.Fatalf("Create: %v", err)
	}
	s.holds(rec.Key, `{}`)
}

// nothingIsShared: what is done to a dict afterwards does not reach the store, and the
// store leaves the dicts alone that it is given.
func nothingIsShared(s *suite) {
	d := s.dict(`{"a":1}`)
	rec, err := s.store.Create(s.Context(), newKey(), d, s.later())
	if err != nil {
		s.Fatalf("Create: %v", err)
	}
	s.isStill(d, `{"a":1}`, "Create")
	d.Clear()
	loaded := s.load(rec.Key).Data
	loaded.Delete("a")
	s.holds(rec.Key, `{"a":1}`)

	d = s.dict(`{"b":2}`)
	s.save(rec, django.Update{Key: rec.Key, Data: d, Expires: s.later()})
	s.isStill(d, `{"b":2}`, "Save")
	d.Clear()
	s.holds(rec.Key, `{"b":2}`)

	d = s.dict(`{"c":3}`)
	current := s.refused(rec, django.Update{Key: rec.Key, Data: d, Expires: s.later()}, django.ErrConflict)
	s.isStill(d, `{"c":3}`, "Save with a conflict")
	current.Data.Clear()
	s.holds(rec.Key, `{"b":2}`)
}

func (s *suite) isStill(d *serializer.Dict, text, call string) {
	s.Helper()
	if got := s.dump(d); got != text {
		s.Errorf("%s has changed the dict that it was given to %s", call, got)
	}
}

func keyTaken(s *suite) {
	rec := s.create(`{"a":1}`, s.later())
	if _, err := s.store.Create(s.Context(), rec.Key, s.dict(`{"b":2}`), s.later()); !errors.Is(err, django.ErrExists) {
		s.Errorf("live: Create: %v, want ErrExists", err)
	}
	s.holds(rec.Key, `{"a":1}`)

	rec = s.create(`{"a":1}`, s.now.Add(-time.Hour))
	_, err := s.store.Create(s.Context(), rec.Key, s.dict(`{"b":2}`), s.later())
	switch {
	case s.keepsExpired && !errors.Is(err, django.ErrExists):
		s.Errorf("expired: Create: %v, want ErrExists", err)
	case s.keepsExpired:
		s.missing(rec.Key)
	case err != nil:
		s.Errorf("expired: Create: %v, though an expired session is gone", err)
	default:
		s.holds(rec.Key, `{"b":2}`)
	}
}

func expiry(s *suite) {
	for _, c := range []struct {
		expires time.Duration
		live    bool
	}{
		{-time.Hour, false},
		{-time.Second, false},
		{0, false}, // Django wants expire_date > now
		{s.soon(), true},
		{400 * 24 * time.Hour, true},
	} {
		rec := s.create(`{}`, s.now.Add(c.expires))
		_, err := s.store.Load(s.Context(), rec.Key, s.now)
		if live := err == nil; live != c.live || err != nil && !errors.Is(err, django.ErrNotFound) {
			s.Errorf("expires in %v: Load: %v, want it live: %t", c.expires, err, c.live)
		}
	}
}

// soon is a time to live after which a session has certainly not expired yet: a store
// whose sessions expire by themselves goes by the real time.
func (s *suite) soon() time.Duration {
	if s.keepsExpired {
		return time.Second
	}
	return time.Minute
}

func remove(s *suite) {
	rec, other := s.create(`{"a":1}`, s.later()), s.create(`{"b":2}`, s.later())
	for range 2 { // the second time it is not there
		if err := s.store.Delete(s.Context(), rec.Key); err != nil {
			s.Fatalf("Delete: %v", err)
		}
	}
	s.missing(rec.Key)
	s.holds(other.Key, `{"b":2}`)
}

func clearExpired(s *suite) {
	const expired = 7
	if _, err := s.store.ClearExpired(s.Context(), s.now); err != nil { // of other subtests
		s.Fatalf("ClearExpired: %v", err)
	}
	var live []django.Record
	for i := range time.Duration(expired) {
		s.create(`{}`, s.now.Add(-i*time.Hour-time.Second))
		live = append(live, s.create(`{"a":1}`, s.now.Add((i+1)*time.Minute)))
	}
	want := []int64{expired, 0}
	if !s.keepsExpired {
		want[0] = 0 // they are gone already
	}
	for _, want := range want {
		n, err := s.store.ClearExpired(s.Context(), s.now)
		if err != nil || n != want {
			s.Errorf("ClearExpired: %d, %v, want %d", n, err, want)
		}
	}
	for _, rec := range live {
		s.holds(rec.Key, `{"a":1}`)
	}
}

func cancelled(s *suite) {
	rec := s.create(`{"a":1}`, s.later())
	ctx, key := s.cancelledContext(), newKey()
	if _, err := s.store.Load(ctx, rec.Key, s.now); err == nil || errors.Is(err, django.ErrNotFound) {
		s.Errorf("Load: %v, want the context's error", err)
	}
	if _, err := s.store.Create(ctx, key, s.dict(`{}`), s.later()); err == nil {
		s.Error("Create: no error")
	}
	if _, err := s.store.Save(ctx, rec, django.Update{Key: rec.Key, Data: s.dict(`{}`), Expires: s.later()}); err == nil ||
		errors.Is(err, django.ErrNotFound) || errors.Is(err, django.ErrConflict) {
		s.Errorf("Save: %v, want the context's error", err)
	}
	if err := s.store.Delete(ctx, rec.Key); err == nil {
		s.Error("Delete: no error")
	}
	s.missing(key)
	s.holds(rec.Key, `{"a":1}`)
}
