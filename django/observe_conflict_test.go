package django_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/djsession/djsession/cookiestore"
	"github.com/djsession/djsession/django"
)

// conflicting is an Update whose first attempt meets another writer's save, after which its
// function does what then says.
func conflicting(t *testing.T, st *site, then func() error) error {
	calls := 0
	return st.Update(t.Context(), validKey, func(s *django.Session) error {
		if calls++; calls > 1 {
			return then()
		}
		st.meanwhile(validKey, func(s *django.Session) { must(t, s.Set("c", 1)) })
		return s.Set("b", 1)
	})
}

// What began with an attempt to save ends as it did for the program, not as the attempt did.
func TestEventsAfterConflict(t *testing.T) {
	mine := errors.New("the function's own")
	for name, c := range map[string]struct {
		do     func(*testing.T, *site)
		events string
	}{
		"nothing left to change": {func(t *testing.T, st *site) {
			must(t, conflicting(t, st, func() error { return nil }))
		}, "load ok, save dropped 1"},
		"the function fails": {func(t *testing.T, st *site) {
			check(t, "its error", conflicting(t, st, func() error { return mine }), mine)
		}, "load ok, save dropped 1"},
		"the function panics": {func(t *testing.T, st *site) {
			defer func() { _ = recover() }()
			_ = conflicting(t, st, func() error { panic("the function's") })
		}, "load ok, save panicked 1"},
		"the store panics in an update": {func(t *testing.T, st *site) {
			st.store.on("Save", func() error { panic("the store's") })
			defer func() { _ = recover() }()
			_ = st.Update(t.Context(), validKey, func(s *django.Session) error { return s.Set("b", 1) })
		}, "load ok, save panicked 1"},
		"renewals at once": {func(t *testing.T, st *site) {
			one, other := st.load(validKey), st.load(validKey)
			must(t, one.Renew("h", 1))
			must(t, other.Renew("h", 1))
			must(t, one.Save(t.Context()))
			must(t, other.Save(t.Context()))
		}, "load ok, load ok, save ok 1, save dropped 1"},
		"answer lost, and another writer": {func(t *testing.T, st *site) {
			s := st.load(validKey)
			must(t, s.Set("b", 1))
			st.meanwhile(validKey, func(s *django.Session) { must(t, s.Set("c", 1)) })
			st.store.lose("Save", 2)
			must(t, s.Save(t.Context()))
		}, "load ok, save merged 4"},
	} {
		t.Run(name, func(t *testing.T) {
			rec := new(recorder)
			st := newSite(t, nil, django.WithObserver(rec))
			st.put(validKey, `{"a":1}`)
			c.do(t, st)
			check(t, "events", rec.take(t), c.events)
		})
	}
}

// Errors of a store have the outcome of their cause.
func TestOutcomeOfError(t *testing.T) {
	for err, want := range map[error]string{
		context.DeadlineExceeded: "load timeout",
		&net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}: "load timeout",
		context.Canceled:   "load canceled",
		django.ErrTooLarge: "load too_large",
		errDown:            "load failed",
	} {
		rec := new(recorder)
		st := newSite(t, nil, django.WithObserver(rec))
		st.store.fail("Load", err)
		_, _ = st.Load(t.Context(), validKey)
		check(t, err.Error(), rec.take(t), want)
	}
}

// An operation that panics has ended too, so that no observer waits for its end.
func TestEventsOfPanics(t *testing.T) {
	for method, do := range map[string]func(*testing.T, *site){
		"Load":   func(t *testing.T, st *site) { _, _ = st.Load(t.Context(), validKey) },
		"Delete": func(t *testing.T, st *site) { _ = st.Delete(t.Context(), validKey) },
	} {
		rec := new(recorder)
		st := newSite(t, nil, django.WithObserver(rec))
		st.store.on(method, func() error { panic("the store's") })
		func() {
			defer func() { _ = recover() }()
			do(t, st)
			t.Errorf("%s: no panic", method)
		}()
		check(t, method, rec.take(t), strings.ToLower(method)+" panicked")
	}
}

// Where the cookie is the session anybody can send one that cannot be read.
func TestEventOfForgedSession(t *testing.T) {
	var events []django.Event
	settings := testSettings()
	settings.SessionEngine = django.EngineSignedCookies
	ss, err := django.New(settings, cookiestore.New(), django.WithObserver(listener(func(e django.Event) { events = append(events, e) })))
	must(t, err)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	must(t, err)
	r.AddCookie(&http.Cookie{Name: "sessionid", Value: "e30:1vA:forged"})
	ss.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := ss.Get(r)
		must(t, err)
	})).ServeHTTP(make(discard), r)
	if len(events) != 1 || events[0].Outcome != django.OutcomeImpossibleKey || events[0].Outcome.Failed() || !errors.Is(events[0].Err, django.ErrCorrupt) {
		t.Errorf("%+v", events)
	}
}

// listener is an Observer that only wants the events.
type listener func(django.Event)

func (listener) Start(ctx context.Context, _ django.Operation) context.Context { return ctx }
func (f listener) End(_ context.Context, e django.Event)                       { f(e) }
