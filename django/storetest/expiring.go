package storetest

import (
	"errors"
	"time"

	"github.com/djsession/djsession/django"
)

func expiry(s *suite) {
	if s.caps.ChoosesKeys {
		rec := s.create(`{}`, s.later())
		s.load(rec.Key)
		if _, err := s.store.Load(s.Context(), rec.Key, s.now.AddDate(100, 0, 0)); !errors.Is(err, django.ErrNotFound) {
			s.Errorf("Load after a hundred years: %v, want ErrNotFound", err)
		}
		return
	}
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

// soon is an age that certainly has not passed yet by the store's own clock.
func (s *suite) soon() time.Duration {
	if s.caps.Expires {
		return time.Minute
	}
	return time.Second
}

func clearExpired(s *suite) {
	const expired = 7
	if _, err := s.store.ClearExpired(s.Context(), s.now); err != nil { // those of other subtests
		s.Fatalf("ClearExpired: %v", err)
	}
	var live []django.Record
	for i := range time.Duration(expired) {
		s.create(`{}`, s.now.Add(-i*time.Hour-time.Second))
		live = append(live, s.create(`{"a":1}`, s.now.Add((i+1)*time.Minute)))
	}
	want := []int64{expired, 0}
	if s.caps.Expires || s.caps.ChoosesKeys {
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

// expiredKey: an expired session keeps its key.
func expiredKey(s *suite) {
	rec := s.create(`{"a":1}`, s.now.Add(-time.Hour))
	if _, err := s.store.Create(s.Context(), s.write(rec.Key, `{"b":2}`, s.later())); !errors.Is(err, django.ErrExists) {
		s.Errorf("Create: %v, want ErrExists", err)
	}
	s.missing(rec.Key)
}

// conflictOverExpired: an expired session can be saved, and conflicts.
func conflictOverExpired(s *suite) {
	old := s.create(`{"a":1}`, s.now.Add(-time.Hour))
	s.save(old, s.write(old.Key, `{"a":2}`, s.now.Add(-time.Minute)))
	now := s.refused(old, s.write(old.Key, `{"a":3}`, s.later()), django.ErrConflict)
	s.save(now, s.write(now.Key, `{"a":4}`, s.later()))
	s.holds(old.Key, `{"a":4}`)
}

// expiresByItself: an expired session is gone, and its key is free.
func expiresByItself(s *suite) {
	old := s.create(`{"a":1}`, s.now.Add(-time.Hour))
	s.refused(old, s.write(old.Key, `{"a":2}`, s.later()), django.ErrNotFound)
	s.missing(old.Key)
	if _, err := s.store.Create(s.Context(), s.write(old.Key, `{"b":2}`, s.later())); err != nil {
		s.Errorf("Create under the key of an expired session: %v", err)
	}
	s.holds(old.Key, `{"b":2}`)

	short := s.create(`{"a":1}`, s.now.Add(2*time.Second)) // at least one second from now on
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		_, err := s.store.Load(s.Context(), short.Key, s.now)
		if errors.Is(err, django.ErrNotFound) {
			return
		}
		if err != nil || time.Now().After(end) {
			s.Fatalf("Load of a session that has expired: %v, want ErrNotFound", err)
		}
	}
}
