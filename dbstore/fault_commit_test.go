package dbstore_test

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
)

// TestCutInMidCommit: the connection breaks when the database has stored a session and
// nobody has been told, or just before it hears of it. What may be repeated is.
func TestCutInMidCommit(t *testing.T) {
	const before = `{"a":1}`
	onNetwork(t, func(t *testing.T, n *network) {
		for _, c := range []struct {
			name  string
			begin func(*testing.T, *django.Session)
			sends string // with which the write is recognised; "" for the key
			want  string // what is stored in the end; "" for nothing
			moves bool
		}{
			{"set", func(t *testing.T, s *django.Session) { set(t, s, "b", 2) }, textOf(`{"a":1,"b":2}`), `{"a":1,"b":2}`, false},
			{"touch", func(_ *testing.T, s *django.Session) { s.MarkModified() }, textOf(before), before, false},
			{"cycle", func(_ *testing.T, s *django.Session) { s.CycleKey() }, textOf(before), before, true},
			{"cycle and set", func(t *testing.T, s *django.Session) { s.CycleKey(); set(t, s, "b", 2) }, textOf(`{"a":1,"b":2}`), `{"a":1,"b":2}`, true},
			{"flush", nil, "", "", true},
		} {
			for _, landed := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s landed %t", c.name, landed), func(t *testing.T) {
					defer n.empty()
					key := having(t, n.calm, "a", 1).Key()
					s := load(t, n.ss, key)
					made := n.cut(cmp.Or(c.sends, key), landed, func() {
						if is := stored(t, n.direct)[key] == before; is == landed && c.name != "touch" {
							t.Errorf("when the connection breaks the session is as it was: %t", is)
						}
					})
					if c.begin == nil {
						if err := s.Flush(t.Context()); err != nil {
							t.Error(err)
						}
						done(t, made, "the cut")
						if got := stored(t, n.direct); len(got) != 0 {
							t.Errorf("%d sessions are left", len(got))
						}
						return
					}
					c.begin(t, s)
					save(t, s)
					done(t, made, "the cut")
					if moved := s.Key() != key; moved != c.moves {
						t.Errorf("the key is another: %t", moved)
					}
					holds(t, n.direct, s.Key(), c.want)
					set(t, s, "later", true) // nothing of the doubt is left
					save(t, s)
					holds(t, n.direct, s.Key(), strings.TrimSuffix(c.want, "}")+`,"later":true}`)
				})
			}
		}
	})
}

// cut breaks the connection that sends text, after it has landed or before.
func (n *network) cut(text string, landed bool, then func()) <-chan struct{} {
	if landed {
		return n.proxy.CutAfter(text, then)
	}
	return n.proxy.CutBefore(text, then)
}

// TestCutWhileCreating: a session is created, and if it has been before nobody has the key
// of that one.
func TestCutWhileCreating(t *testing.T) {
	onNetwork(t, func(t *testing.T, n *network) {
		for _, landed := range []bool{true, false} {
			s := n.ss.NewSession()
			set(t, s, "a", 1)
			made := n.cut(textOf(`{"a":1}`), landed, func() {
				if is := len(stored(t, n.direct)) == 1; is != landed {
					t.Errorf("when the connection breaks the session is there: %t", is)
				}
			})
			save(t, s)
			done(t, made, "the cut")
			if got := keys(load(t, n.calm, s.Key())); got != "a" {
				t.Errorf("the session holds %q", got)
			}
			if all := len(stored(t, n.direct)); all != 1 && !(landed && all == 2) {
				t.Errorf("there are %d sessions", all)
			}
			n.empty()
		}
	})
}

// TestCutWhileUpdating: a caller's function is not repeated where it may have landed.
func TestCutWhileUpdating(t *testing.T) {
	onNetwork(t, func(t *testing.T, n *network) {
		for _, landed := range []bool{true, false} {
			key := having(t, n.calm, "n", 1).Key()
			want := `{"n":1}`
			if landed {
				want = `{"n":2}`
			}
			made := n.cut(textOf(`{"n":2}`), landed, nil)
			runs := 0
			if err := n.ss.Update(t.Context(), key, increment(&runs)); !errors.Is(err, django.ErrOutcomeUnknown) {
				t.Errorf("Update: %v", err)
			}
			done(t, made, "the cut")
			if runs != 1 {
				t.Errorf("the function ran %d times", runs)
			}
			holds(t, n.direct, key, want)
			n.empty()
		}
	})
}

// TestCutWhileUpdatingARequest: the visitor is told that it failed, and may try again.
func TestCutWhileUpdatingARequest(t *testing.T) {
	onNetwork(t, func(t *testing.T, n *network) {
		key := having(t, n.calm, "n", 1).Key()
		made := n.proxy.CutAfter(textOf(`{"n":2}`), nil)
		runs := 0
		fails(t, n.patient, key, updating(t, n.patient, &runs, django.ErrOutcomeUnknown))
		done(t, made, "the cut")
		holds(t, n.direct, key, `{"n":2}`)
		if runs != 1 {
			t.Errorf("the function ran %d times", runs)
		}
		if res := visit(t, n.patient, key, updating(t, n.patient, &runs, nil)); res.StatusCode != 200 {
			t.Errorf("the next request is answered %d", res.StatusCode)
		}
		holds(t, n.direct, key, `{"n":3}`)
	})
}

// TestCutForGood: the server does not come back. What was not sent is known not to be
// stored, what was sent is in doubt, and the session can be saved when the server is
// there again.
func TestCutForGood(t *testing.T) {
	onNetwork(t, func(t *testing.T, n *network) {
		t.Parallel()
		const before, after = `{"a":1}`, `{"a":1,"b":2}`
		for _, landed := range []bool{true, false} {
			for _, cycle := range []bool{true, false} {
				s := load(t, n.ss, having(t, n.calm, "a", 1).Key())
				set(t, s, "b", 2)
				if cycle {
					s.CycleKey()
				}
				made := n.cut(textOf(after), landed, n.proxy.Refuse)
				if err := s.Save(t.Context()); !errors.Is(err, django.ErrOutcomeUnknown) {
					t.Errorf("landed %t: Save: %v", landed, err)
				}
				done(t, made, "the cut")
				for _, json := range stored(t, n.direct) {
					if (json == after) != landed {
						t.Errorf("landed %t: stored is %s", landed, json)
					}
				}
				n.heal(t)
				save(t, s)
				holds(t, n.direct, s.Key(), after)
				n.empty()
			}
		}

		n.db.SetMaxIdleConns(0) // each statement on a connection of its own
		s := load(t, n.ss, having(t, n.calm, "a", 1).Key())
		n.proxy.Refuse()
		set(t, s, "b", 2)
		if err := s.Save(t.Context()); err == nil || errors.Is(err, django.ErrOutcomeUnknown) {
			t.Errorf("nothing was sent: Save: %v", err)
		}
		runs := 0
		if err := n.ss.Update(t.Context(), s.Key(), increment(&runs)); err == nil || errors.Is(err, django.ErrOutcomeUnknown) || runs > 0 {
			t.Errorf("nothing was loaded: %d runs, Update: %v", runs, err)
		}
		n.heal(t)
		err := n.ss.Update(t.Context(), s.Key(), func(s *django.Session) error {
			n.proxy.Refuse()
			return increment(&runs)(s)
		})
		if err == nil || errors.Is(err, django.ErrOutcomeUnknown) || runs != 1 {
			t.Errorf("nothing was sent: %d runs, Update: %v", runs, err)
		}
		holds(t, n.direct, s.Key(), before)
		n.heal(t)
		save(t, s)
		holds(t, n.direct, s.Key(), after)
	})
}

// TestCutForGoodInARequest: the request fails, with or without a session of its own.
func TestCutForGoodInARequest(t *testing.T) {
	onNetwork(t, func(t *testing.T, n *network) {
		key := having(t, n.calm, "a", 1).Key()
		made := n.proxy.CutAfter(textOf(`{"a":1,"b":2}`), n.proxy.Refuse)
		fails(t, n.patient, key, setting(t, n.patient, "b", 2))
		done(t, made, "the cut")
		holds(t, n.direct, key, `{"a":1,"b":2}`)
		fails(t, n.patient, key, setting(t, n.patient, "b", 2))
		fails(t, n.patient, key, unheeding(n.patient))
		fails(t, n.patient, "", setting(t, n.patient, "b", 2)) // a new visitor's
		holds(t, n.direct, key, `{"a":1,"b":2}`)
		n.heal(t)
		works(t, n.patient, key, "a b", "c", 3)
		holds(t, n.direct, key, `{"a":1,"b":2,"c":3}`)
	})
}
