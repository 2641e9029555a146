package django_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
)

func TestKeysThatAreTaken(t *testing.T) {
	st := newSite(t, nil)
	taken := 0
	st.store.on("Create", func() error {
		if taken++; taken <= 3 {
			return django.ErrExists
		}
		return nil
	})
	s := st.NewSession()
	must(t, s.Save(t.Context()))
	check(t, "calls", st.store.count(), "Create Create Create Create")

	st.store.fail("Save", django.ErrExists)
	s.CycleKey()
	if err := s.Save(t.Context()); !errors.Is(err, django.ErrExists) {
		t.Error(err)
	}
	check(t, "calls while every key is taken", len(strings.Fields(st.store.count())), 10)
	check(t, "the number of sessions", len(st.keys()), 1)
}

// Both keys are there in the table: the second try takes another.
func TestCycleToATakenKey(t *testing.T) {
	// The first two keys that come of this are the same.
	same := strings.Repeat("\x01", 40)
	st := newSite(t, nil, django.WithRandom(strings.NewReader(same+same+strings.Repeat("\x02", 40))))
	first := st.NewSession()
	must(t, first.Save(t.Context()))
	st.put(validKey, `{"a":1}`)
	s := st.load(validKey)
	s.CycleKey()
	must(t, s.Save(t.Context()))
	if s.Key() == first.Key() || st.data(s.Key()) != `{"a":1}` || st.data(first.Key()) != `{}` {
		t.Errorf("the sessions are %v", st.keys())
	}
}

func TestRandomnessThatFails(t *testing.T) {
	st := newSite(t, nil, django.WithRandom(strings.NewReader("short")))
	if err := st.NewSession().Save(t.Context()); err == nil || !strings.Contains(err.Error(), "randomness") {
		t.Error(err)
	}
	check(t, "the number of sessions", len(st.keys()), 0)
}

func TestKeysAreDjangos(t *testing.T) {
	st := newSite(t, nil)
	seen := map[string]bool{}
	var letters [256]int
	const n = 500
	for range n {
		s := st.NewSession()
		must(t, s.Save(t.Context()))
		key := s.Key()
		if len(key) != 32 || strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789") != "" || seen[key] {
			t.Fatalf("a key of %d characters", len(key))
		}
		seen[key] = true
		for _, c := range []byte(key) {
			letters[c]++
		}
	}
	for _, c := range []byte("abcdefghijklmnopqrstuvwxyz0123456789") {
		if mean := n * 32 / 36; letters[c] < mean/2 || letters[c] > mean*2 {
			t.Errorf("%c came %d times, on average %d", c, letters[c], mean)
		}
	}
}
