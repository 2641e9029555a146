// Package storetest checks that a django.Store keeps its contract, whatever it
// keeps the sessions in.
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) django.Store { return newStore(t) })
//	}
//
// A store may keep expired sessions until ClearExpired, as a database does, or let them
// disappear by themselves, as a cache does. Run finds out which, logs it, and holds the
// store to it.
package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// Run checks the store that open returns, one subtest a promise of the
// contract. open is called once for each of them and may return a store that
// holds other sessions; those that have expired may be removed.
func Run(t *testing.T, open func(t *testing.T) django.Store) {
	keeps := keepsExpired(&suite{T: t, store: open(t), now: now()})
	t.Logf("expired sessions stay until ClearExpired: %t", keeps)
	for _, c := range []struct {
		name  string
		check func(*suite)
	}{
		{"Absent", absent},
		{"ImpossibleKeys", impossibleKeys},
		{"Lossless", lossless},
		{"Empty", empty},
		{"NothingIsShared", nothingIsShared},
		{"KeyTaken", keyTaken},
		{"Expiry", expiry},
		{"Replace", replace},
		{"ReplaceByTheSame", replaceByTheSame},
		{"Conflict", conflict},
		{"ConflictOverExpired", conflictOverExpired},
		{"SameTwice", sameTwice},
		{"Gone", gone},
		{"Touch", touch},
		{"Move", move},
		{"MoveConflict", moveConflict},
		{"MoveOntoTaken", moveOntoTaken},
		{"Delete", remove},
		{"ClearExpired", clearExpired},
		{"Cancelled", cancelled},
		{"OneCreates", oneCreates},
		{"OneReplaces", oneReplaces},
		{"Counter", counter},
		{"GoneForGood", goneForGood},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.check(&suite{T: t, store: open(t), now: now(), keepsExpired: keeps})
		})
	}
}

func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

// keepsExpired reports whether an expired session still takes its key.
func keepsExpired(s *suite) bool {
	rec := s.create(`{}`, s.now.Add(-time.Hour))
	_, err := s.store.Create(s.Context(), rec.Key, s.dict(`{}`), s.later())
	if err != nil && !errors.Is(err, django.ErrExists) {
		s.Fatalf("Create over an expired session: %v", err)
	}
	return err != nil
}

// suite is one subtest with a store of its own.
type suite struct {
	*testing.T
	store django.Store
	now   time.Time

	keepsExpired bool // until ClearExpired
}

// newKey makes a key as Django does.
func newKey() string { return strings.ToLower(rand.Text() + rand.Text())[:32] }

// dict parses the JSON text of a session.
func (s *suite) dict(text string) *serializer.Dict {
	s.Helper()
	d, err := serializer.JSON.Loads([]byte(text))
	if err != nil {
		s.Fatalf("the suite's own JSON: %v", err)
	}
	return d
}

// dump is the JSON text of a session's dict.
func (s *suite) dump(d *serializer.Dict) string {
	s.Helper()
	if d == nil {
		s.Fatal("Record.Data is nil")
	}
	text, err := serializer.JSON.Dumps(d)
	if err != nil {
		s.Fatalf("Dumps: %v", err)
	}
	return string(text)
}

func (s *suite) later() time.Time { return s.now.Add(time.Hour) }

func (s *suite) create(text string, expires time.Time) django.Record {
	s.Helper()
	key := newKey()
	rec, err := s.store.Create(s.Context(), key, s.dict(text), expires)
	if err != nil {
		s.Fatalf("Create: %v", err)
	}
	if rec.Key == "" || rec.Version == nil {
		s.Fatal("Create returned a Record without Key or Version")
	}
	return rec
}

func (s *suite) load(key string) django.Record {
	s.Helper()
	rec, err := s.store.Load(s.Context(), key, s.now)
	if err != nil {
		s.Fatalf("Load: %v", err)
	}
	if rec.Key != key || rec.Version == nil || rec.Corrupt != nil {
		s.Fatalf("Load returned Key right: %t, Version: %t, Corrupt: %v", rec.Key == key, rec.Version != nil, rec.Corrupt)
	}
	return rec
}

// holds checks what is stored under key now.
func (s *suite) holds(key, text string) {
	s.Helper()
	if got := s.dump(s.load(key).Data); got != text {
		s.Errorf("stored is %s, want %s", got, text)
	}
}

func (s *suite) missing(key string) {
	s.Helper()
	if _, err := s.store.Load(s.Context(), key, s.now); !errors.Is(err, django.ErrNotFound) {
		s.Errorf("Load: %v, want ErrNotFound", err)
	}
}

func (s *suite) save(old django.Record, u django.Update) django.Record {
	s.Helper()
	rec, err := s.store.Save(s.Context(), old, u)
	if err != nil {
		s.Fatalf("Save: %v", err)
	}
	return rec
}

// update stores text as the data of rec.
func (s *suite) update(rec django.Record, text string) django.Record {
	s.Helper()
	return s.save(rec, django.Update{Key: rec.Key, Data: s.dict(text), Expires: s.later()})
}

// refused checks that a Save fails with want.
func (s *suite) refused(old django.Record, u django.Update, want error) django.Record {
	s.Helper()
	rec, err := s.store.Save(s.Context(), old, u)
	if !errors.Is(err, want) {
		s.Errorf("Save: %v, want %v", err, want)
	}
	return rec
}

func (s *suite) cancelledContext() context.Context {
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	return ctx
}
