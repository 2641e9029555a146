package dbstore_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// networkFaults are what can become of a network, for the connections there are and for
// new ones.
var networkFaults = map[string]func(*testenv.Proxy){
	"drop":               (*testenv.Proxy).Drop,
	"reset":              (*testenv.Proxy).Reset,
	"half-closed client": (*testenv.Proxy).HalfCloseClient,
	"half-closed server": (*testenv.Proxy).HalfCloseServer,
	"refuse":             func(p *testenv.Proxy) { p.Reset(); p.Refuse() },
}

// TestNetworkFails: a request fails in time, and the first one afterwards works.
func TestNetworkFails(t *testing.T) {
	onFaultyNetwork(t, func(t *testing.T, n *network, begin func(*testenv.Proxy)) {
		key := having(t, n.calm, "a", 1).Key()
		warm(t, n.db, 4)
		begin(n.proxy)
		fails(t, n.ss, key, setting(t, n.ss, "lost", true))
		fails(t, n.ss, key, unheeding(n.ss))
		fails(t, n.ss, "", setting(t, n.ss, "lost", true))
		n.heal(t)
		works(t, n.patient, key, "a", "b", 2)
		holds(t, n.direct, key, `{"a":1,"b":2}`)
	})
}

// TestNetworkFailsBetweenLoadAndSave: the request fails, and what becomes of its write is
// what the error says.
func TestNetworkFailsBetweenLoadAndSave(t *testing.T) {
	onFaultyNetwork(t, func(t *testing.T, n *network, begin func(*testenv.Proxy)) {
		key := having(t, n.calm, "n", 1).Key()
		loaded := false
		for !loaded { // in time, which on a busy machine may take another try
			fails(t, n.ss, key, func(_ http.ResponseWriter, r *http.Request) {
				s, err := n.ss.Get(r)
				begin(n.proxy)
				if loaded = err == nil; loaded {
					set(t, s, "n", 2)
				}
			})
			n.heal(t)
		}

		runs, counter := 0, 0
		err := n.calm.Update(t.Context(), key, func(s *django.Session) error {
			var err error
			counter, err = django.Value(s, "n", 0)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		err = n.ss.Update(ctx, key, func(s *django.Session) error {
			begin(n.proxy)
			time.AfterFunc(impatience, cancel)
			return increment(&runs)(s)
		})
		if err == nil || runs != 1 {
			t.Errorf("%d runs, Update: %v", runs, err)
		}
		n.heal(t)
		eventually(t, "the database's writing what is under way", func() bool { return busy(t, n.direct) == 0 })
		landed, err2 := django.Value(load(t, n.calm, key), "n", 0)
		switch {
		case err2 != nil:
			t.Error(err2)
		case errors.Is(err, django.ErrOutcomeUnknown):
			if landed != counter && landed != counter+1 {
				t.Errorf("the counter went from %d to %d", counter, landed)
			}
		case landed != counter:
			t.Errorf("the counter went from %d to %d, though the error says it did not: %v", counter, landed, err)
		}
		works(t, n.patient, key, "n", "later", true)
	})
}

func onFaultyNetwork(t *testing.T, test func(t *testing.T, n *network, begin func(*testenv.Proxy))) {
	onNetwork(t, func(t *testing.T, n *network) {
		t.Parallel()
		for name, begin := range networkFaults {
			t.Run(name, func(t *testing.T) {
				defer n.empty()
				test(t, n, begin)
			})
		}
	})
}

// TestNetworkIsSlow: what takes its time is no fault.
func TestNetworkIsSlow(t *testing.T) {
	onNetwork(t, func(t *testing.T, n *network) {
		key := having(t, n.calm, "a", 1).Key()
		warm(t, n.db, 1)
		const delay = 20 * time.Millisecond
		n.proxy.Delay(delay)
		start := time.Now()
		works(t, n.patient, key, "a", "b", 2)
		if took := time.Since(start); took < 4*delay {
			t.Errorf("loading and saving took %v with a network that takes %v each way", took, delay)
		}
		n.heal(t)
		holds(t, n.direct, key, `{"a":1,"b":2}`)
	})
}
