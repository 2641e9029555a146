package django_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/djsession/djsession/django"
)

// errLost is what becomes of a write whose connection broke.
var errLost = fmt.Errorf("%w: unexpected EOF", django.ErrOutcomeUnknown)

// A save whose connection broke is made again, whether or not it had landed: the
// session is stored once, with what was set.
func TestSaveInDoubt(t *testing.T) {
	for name, prepare := range map[string]func(*site) *django.Session{
		"set":    func(st *site) *django.Session { return st.load(validKey) },
		"create": func(st *site) *django.Session { must(t, st.Delete(t.Context(), validKey)); return st.NewSession() },
		"cycle": func(st *site) *django.Session {
			s := st.load(validKey)
			s.CycleKey()
			return s
		},
	} {
		for _, landed := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s landed %t", name, landed), func(t *testing.T) {
				st := newSite(t, nil)
				st.put(validKey, `{"a":1}`)
				s := prepare(st)
				must(t, s.Set("b", 2))
				want := jsonOf(t, s)
				for _, call := range []string{"Create", "Save"} {
					if landed {
						st.store.lose(call, 1)
					} else {
						st.store.once(call, func() error { return errLost })
					}
				}
				must(t, s.Save(t.Context()))
				all := 1
				if name == "create" && landed {
					all = 2 // nobody has the key of the first
				}
				check(t, "how many sessions there are", len(st.keys()), all)
				check(t, "what is stored", st.data(s.Key()), want)
				check(t, "what the session holds", jsonOf(t, s), want)
				check(t, "whether the key is the old one", s.Key() == validKey, name == "set")
				// Nothing is left over.
				must(t, s.Set("c", 3))
				must(t, s.Save(t.Context()))
				check(t, "how many sessions there are then", len(st.keys()), all)
			})
		}
	}
}

// What another writer did after the write in doubt stays.
func TestSaveInDoubtMerges(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	s, other := st.load(validKey), st.other()
	must(t, s.Set("b", 2))
	st.store.lose("Save", 1)
	calls := 0
	st.store.on("Save", func() error {
		if calls++; calls == 2 {
			return other.Update(context.Background(), validKey, func(o *django.Session) error { return o.Set("c", 3) })
		}
		return nil
	})
	must(t, s.Save(t.Context()))
	check(t, "what is stored", st.data(validKey), `{"a":1,"b":2,"c":3}`)
}

// A store that does not come back leaves the doubt, whatever it says later; the
// changes remain, and are saved when it is back.
func TestSaveStaysInDoubt(t *testing.T) {
	for _, cycle := range []bool{false, true} {
		t.Run(fmt.Sprint("cycle ", cycle), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { saveStaysInDoubt(t, cycle) })
		})
	}
}

func saveStaysInDoubt(t *testing.T, cycle bool) {
	st := newSite(t, nil, django.WithTimeout(300*time.Millisecond))
	st.put(validKey, `{"a":1}`)
	s := st.load(validKey)
	must(t, s.Set("b", 2))
	if cycle {
		s.CycleKey()
	}
	st.store.lose("Save", 1)
	calls := 0
	st.store.on("Save", func() error {
		if calls++; calls > 1 {
			return errDown
		}
		return nil
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	err := s.Save(ctx)
	cancel()
	if !errors.Is(err, django.ErrOutcomeUnknown) || calls < 3 {
		t.Errorf("after %d calls: %v", calls, err)
	}
	st.store.on("Save", nil)
	must(t, s.Set("c", 3))
	must(t, s.Save(t.Context()))
	check(t, "how many sessions there are", len(st.keys()), 1)
	check(t, "what is stored", st.data(s.Key()), `{"a":1,"b":2,"c":3}`)
	check(t, "whether the key is new", s.Key() != validKey, cycle)
}

// What certainly did not happen is not tried again.
func TestSaveThatFailedIsNotRepeated(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	s := st.load(validKey)
	must(t, s.Set("b", 2))
	st.store.fail("Save", errDown)
	st.store.count()
	if err := s.Save(t.Context()); !errors.Is(err, errDown) || errors.Is(err, django.ErrOutcomeUnknown) {
		t.Error(err)
	}
	check(t, "the calls", st.store.count(), "Save")
}

// A session that was deleted after a write in doubt is gone.
func TestInterruptedInDoubt(t *testing.T) {
	for _, cycle := range []bool{false, true} {
		st := newSite(t, nil)
		st.put(validKey, `{"a":1}`)
		s := st.load(validKey)
		s.CycleKey()
		if !cycle {
			s = st.load(validKey)
			must(t, s.Set("b", 2))
		}
		st.store.once("Save", func() error {
			must(t, st.other().Delete(t.Context(), validKey))
			return errLost
		})
		if err := s.Save(t.Context()); !errors.Is(err, django.ErrInterrupted) {
			t.Errorf("cycle %t: %v", cycle, err)
		}
		check(t, "how many sessions there are", len(st.keys()), 0)
	}
}

// A flush takes the session with it under whichever key it is.
func TestFlushInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newSite(t, nil, django.WithTimeout(20*time.Millisecond))
		st.put(validKey, `{"a":1}`)
		s := st.load(validKey)
		s.CycleKey()
		st.store.lose("Save", 1)
		st.store.fail("Load", errDown)
		if err := s.Save(t.Context()); !errors.Is(err, django.ErrOutcomeUnknown) {
			t.Error(err)
		}
		check(t, "how many sessions there are", len(st.keys()), 1)
		must(t, s.Flush(t.Context()))
		check(t, "how many sessions there are then", len(st.keys()), 0)
	})
}

// What a stalled network delivers after the logout brings nothing back: neither the
// creation nor the move that was sent and of which nobody knew.
func TestStalledWritesBringNothingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newSite(t, nil, django.WithTimeout(50*time.Millisecond))
		s := st.NewSession()
		must(t, s.Set("_auth_user_id", "1"))
		st.store.once("Create", func() error { return errLost })
		must(t, s.Save(t.Context()))
		key, late := s.Key(), st.store.secrets()[0]
		must(t, s.Flush(t.Context()))
		st.put(late, `{"_auth_user_id":"1"}`)
		if key == late {
			t.Error("the key that the visitor had is back")
		}

		st.put(validKey, `{"_auth_user_id":"1"}`)
		s = st.load(validKey)
		s.CycleKey()
		st.store.fail("Save", errLost)
		if err := s.Save(t.Context()); !errors.Is(err, django.ErrOutcomeUnknown) {
			t.Error(err)
		}
		seen := st.store.secrets()
		candidate := seen[len(seen)-1]
		if candidate == validKey {
			candidate = seen[len(seen)-2]
		}
		deletes := 0
		st.store.on("Delete", func() error {
			if deletes++; deletes == 2 {
				_, err := st.db.Exec("UPDATE django_session SET session_key = ? WHERE session_key = ?", candidate, validKey)
				return err
			}
			return nil
		})
		must(t, s.Flush(t.Context()))
		check(t, "deletes", deletes, 2)
		for _, key := range []string{candidate, validKey} {
			if _, err := st.Load(t.Context(), key); !errors.Is(err, django.ErrNotFound) {
				t.Errorf("after the logout: %v", err)
			}
		}
	})
}

// Two renewals are as optional as one.
func TestRenewTwiceIsOptional(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{}`)
	s := st.load(validKey)
	must(t, s.Renew("a", 1))
	must(t, s.Renew("a", 2))
	must(t, st.Delete(t.Context(), validKey))
	must(t, s.Save(t.Context()))
	check(t, "sessions", len(st.keys()), 0)
}

// A key that somebody else has is never taken for one's own, not even by a site
// whose randomness is broken.
func TestTakenKeyIsNotAdopted(t *testing.T) {
	st := newSite(t, nil, django.WithRandom(new(sameBytes)))
	first := st.NewSession()
	must(t, first.Set("owner", "first"))
	must(t, first.Save(t.Context()))
	second := st.NewSession()
	must(t, second.Set("owner", "second"))
	for range 3 {
		if err := second.Save(t.Context()); !errors.Is(err, django.ErrExists) {
			t.Errorf("Save: %v", err)
		}
	}
	check(t, "the second's key", second.Key(), "")
	check(t, "what is stored", st.data(first.Key()), `{"owner":"first"}`)
}

type sameBytes struct{}

func (sameBytes) Read(p []byte) (int, error) {
	copy(p, bytes.Repeat([]byte{7}, len(p)))
	return len(p), nil
}

// A login whose commit is in doubt is answered 503 without a cookie, unless it can
// be told that it was stored.
func TestCommitInDoubt(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	login := func(st *site, w http.ResponseWriter, r *http.Request) {
		s := st.get(r)
		must(t, s.Set("_auth_user_id", "1"))
		s.CycleKey()
		fmt.Fprint(w, "welcome")
	}
	st.store.lose("Save", 1)
	w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) { login(st, w, r) })
	check(t, "the status", w.Code, http.StatusOK)
	key := w.Result().Cookies()[0].Value
	check(t, "what is stored", st.data(key), `{"a":1,"_auth_user_id":"1"}`)

	synctest.Test(t, func(t *testing.T) {
		st := newSite(t, nil, django.WithTimeout(100*time.Millisecond))
		st.put(validKey, `{"a":1}`)
		loads := 0
		st.store.on("Load", func() error {
			if loads++; loads > 1 {
				return errDown
			}
			return nil
		})
		st.store.lose("Save", 1)
		w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) { login(st, w, r) })
		check(t, "the status", w.Code, http.StatusServiceUnavailable)
		check(t, "cookies", len(w.Result().Cookies()), 0)
	})
}
