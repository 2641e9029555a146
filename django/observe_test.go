package django_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/memstore"
)

// recorder is an Observer that keeps the events. It marks the context of each operation.
type recorder struct {
	mu      sync.Mutex
	started int
	events  []django.Event
	wrong   []string
}

type startedKey struct{}

func (r *recorder) Start(ctx context.Context, op django.Operation) context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.started++
	return context.WithValue(ctx, startedKey{}, op)
}

func (r *recorder) End(ctx context.Context, e django.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
	if op := ctx.Value(startedKey{}); op != e.Operation || ctx.Err() != nil {
		r.wrong = append(r.wrong, fmt.Sprintf("the context of a %s is of a %v, with %v", e.Operation, op, ctx.Err()))
	}
}

// take returns what happened since the last take, as in "load ok, save merged 2".
func (r *recorder) take(t *testing.T) string {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	var texts []string
	for _, e := range r.events {
		text := string(e.Operation) + " " + string(e.Outcome)
		if e.Attempts > 0 {
			text += fmt.Sprintf(" %d", e.Attempts)
		}
		if (e.Err == nil) != (e.Outcome == django.OutcomeOK || e.Outcome == django.OutcomeMerged || e.Outcome == django.OutcomeDropped) {
			t.Errorf("%s: the error is %v", text, e.Err)
		}
		if e.Engine != django.EngineDB || e.Duration < 0 {
			t.Errorf("%s: engine %q, %v", text, e.Engine, e.Duration)
		}
		texts = append(texts, text)
	}
	if len(r.wrong) > 0 || r.started != len(r.events) {
		t.Errorf("%d operations started, %d ended; %q", r.started, len(r.events), r.wrong)
	}
	r.started, r.events = 0, nil
	return strings.Join(texts, ", ")
}

// observed are all events of sessions, and what is logged of them; "" if that is logged for
// another reason, or not at all.
var observed = map[string]struct {
	do     func(*testing.T, *site)
	events string
	log    string
}{
	"load": {func(t *testing.T, st *site) { st.load(validKey) }, "load ok", `level=DEBUG msg="session loaded" engine=django.contrib.sessions.backends.db duration=0s`},
	"no session": {func(_ *testing.T, st *site) {
		st.serve(unknownKey, func(_ http.ResponseWriter, r *http.Request) { st.get(r) })
	}, "load not_found", `level=DEBUG msg="session not found"`},
	"expired": {func(_ *testing.T, st *site) {
		st.now = st.now.Add(30 * 24 * time.Hour)
		st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) { st.get(r) })
	}, "load not_found", `level=DEBUG msg="session not found"`},
	"impossible key": {func(_ *testing.T, st *site) {
		st.serve("short", func(_ http.ResponseWriter, r *http.Request) { st.get(r); st.get(r) })
	}, "load impossible_key", `level=INFO msg="session cookie ignored: it cannot be a key"`},
	"no cookie": {func(_ *testing.T, st *site) {
		st.serve("", func(_ http.ResponseWriter, r *http.Request) { st.get(r) })
	}, "", ""},
	"not used": {func(_ *testing.T, st *site) {
		st.serve(validKey, func(http.ResponseWriter, *http.Request) {})
	}, "", ""},
	"corrupt": {func(t *testing.T, st *site) {
		st.putText(validKey, "tampered")
		if _, err := st.Load(t.Context(), validKey); !errors.Is(err, django.ErrCorrupt) {
			t.Error(err)
		}
	}, "load unreadable", `level=WARN msg="Session data corrupted"`},
	"store down": {func(t *testing.T, st *site) {
		st.store.fail("Load", errDown)
		st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) { _, _ = st.Get(r) })
	}, "load failed", `level=ERROR msg="session failed"`},
	"create": {func(t *testing.T, st *site) {
		st.serve("", func(_ http.ResponseWriter, r *http.Request) { must(t, st.get(r).Set("a", 1)) })
	}, "create ok 1", `level=DEBUG msg="session created" engine=django.contrib.sessions.backends.db duration=0s attempts=1`},
	"save": {func(t *testing.T, st *site) {
		st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) { must(t, st.get(r).Set("b", 1)) })
	}, "load ok, save ok 1", `level=DEBUG msg="session saved" engine=django.contrib.sessions.backends.db duration=0s attempts=1`},
	"merge": {func(t *testing.T, st *site) {
		s := st.load(validKey)
		must(t, s.Set("b", 1))
		st.meanwhile(validKey, func(s *django.Session) { must(t, s.Set("c", 1)) })
		must(t, s.Save(t.Context()))
	}, "load ok, save merged 2", `level=DEBUG msg="session merged with another writer's and saved" engine=django.contrib.sessions.backends.db duration=0s attempts=2`},
	"update that merges": {func(t *testing.T, st *site) {
		must(t, st.Update(t.Context(), validKey, func(s *django.Session) error {
			if !s.Has("c") {
				st.meanwhile(validKey, func(s *django.Session) { must(t, s.Set("c", 1)) })
			}
			return s.Set("b", 1)
		}))
	}, "load ok, save merged 2", `level=DEBUG msg="session merged with another writer's and saved"`},
	"update that meets what it cannot read": {func(t *testing.T, st *site) {
		err := st.Update(t.Context(), validKey, func(s *django.Session) error {
			st.putText(validKey, "tampered")
			return s.Set("b", 1)
		})
		if !errors.Is(err, django.ErrCorrupt) {
			t.Error(err)
		}
	}, "load ok, save unreadable 1", `level=WARN msg="Session data corrupted"`},
	"update of nothing": {func(t *testing.T, st *site) {
		must(t, st.Update(t.Context(), validKey, func(*django.Session) error { return nil }))
	}, "load ok", ""},
	"interrupted": {func(t *testing.T, st *site) {
		st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) {
			must(t, st.get(r).Set("b", 1))
			must(t, st.other().Delete(r.Context(), validKey))
		})
	}, "load ok, save interrupted 1", `level=ERROR msg="session failed"`},
	"answer lost": {func(t *testing.T, st *site) {
		s := st.load(validKey)
		must(t, s.Set("b", 1))
		st.store.lose("Save", 1)
		must(t, s.Save(t.Context()))
	}, "load ok, save ok 3", ""}, // the second meets what the first stored
	"flush": {func(t *testing.T, st *site) { must(t, st.load(validKey).Flush(t.Context())) }, "load ok, delete ok", `level=DEBUG msg="session deleted"`},
	"flush of nothing": {func(t *testing.T, st *site) {
		must(t, st.NewSession().Flush(t.Context()))
	}, "", ""},
	"flush that fails": {func(t *testing.T, st *site) {
		s := st.load(validKey)
		st.store.fail("Delete", context.DeadlineExceeded)
		if err := s.Flush(t.Context()); err == nil {
			t.Error("no error")
		}
	}, "load ok, delete timeout", ""},
	"delete": {func(t *testing.T, st *site) { must(t, st.Delete(t.Context(), validKey)) }, "delete ok", `level=DEBUG msg="session deleted"`},
	"clearsessions": {func(t *testing.T, st *site) {
		st.now = st.now.Add(30 * 24 * time.Hour)
		_, err := st.ClearExpired(t.Context())
		must(t, err)
	}, "clear_expired ok", `level=DEBUG msg="expired sessions cleared" engine=django.contrib.sessions.backends.db duration=0s sessions=1`},
	"store that panics": {func(t *testing.T, st *site) {
		s := st.load(validKey)
		must(t, s.Set("b", 1))
		st.store.on("Save", func() error { panic("the store's") })
		defer func() { _ = recover() }()
		_ = s.Save(t.Context())
	}, "load ok, save panicked 1", ""},
}

func TestEvents(t *testing.T) {
	for name, c := range observed {
		t.Run(name, func(t *testing.T) {
			var log testenv.Log
			rec := new(recorder)
			st := newSite(t, nil, django.WithObserver(rec),
				django.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
			st.put(validKey, `{"a":1}`)
			c.do(t, st)
			check(t, "events", rec.take(t), c.events)
			lines := strings.Split(strings.TrimSuffix(log.String(), "\n"), "\n")
			last := lines[len(lines)-1]
			if !strings.Contains(last, c.log) || c.events == "" && last != "" {
				t.Errorf("the last line is\n%s\nwant\n%s", last, c.log)
			}
			for _, secret := range append(st.store.secrets(), secretKey, validKey, unknownKey, "tampered", "short") {
				if strings.Contains(log.String(), secret) {
					t.Errorf("the log holds a secret:\n%s", log.String())
				}
			}
		})
	}
}

// What fails is logged once: an event adds no line to that of the request.
func TestFailuresAreLoggedOnce(t *testing.T) {
	for _, name := range []string{"store down", "interrupted", "corrupt"} {
		st := newSite(t, nil, django.WithObserver(new(recorder)))
		st.put(validKey, `{"a":1}`)
		observed[name].do(t, st)
		check(t, name+": lines", strings.Count(st.logs.String(), "\n"), 1)
	}
}

// slowStore is a store during whose calls a second passes.
type slowStore struct {
	django.Store
	now *time.Time
}

func (s slowStore) Load(ctx context.Context, key string, now time.Time) (django.Record, error) {
	*s.now = s.now.Add(time.Second)
	return s.Store.Load(ctx, key, now)
}

func TestEventDuration(t *testing.T) {
	now, rec := testNow, new(recorder)
	engine := django.EngineFunc(func(site django.Site) (django.Store, error) {
		inner, err := memstore.New().Open(site)
		return slowStore{inner, &now}, err
	})
	ss, err := django.New(testSettings(), engine, django.WithObserver(rec), django.WithClock(func() time.Time { return now }))
	must(t, err)
	_, err = ss.Load(t.Context(), validKey)
	check(t, "not found", errors.Is(err, django.ErrNotFound), true)
	check(t, "duration", rec.events[0].Duration, time.Second)
}

// lockingStore merges by itself, as a store that reads and writes under a lock does.
type lockingStore struct{ django.Store }

func (s lockingStore) Capabilities() django.Capabilities {
	caps := s.Store.Capabilities()
	caps.Merges = true
	return caps
}

func (s lockingStore) Save(ctx context.Context, old django.Record, w django.Write) (django.Record, error) {
	rec, err := s.Store.Save(ctx, old, w)
	if w.Merge == nil || !errors.Is(err, django.ErrConflict) {
		return rec, err
	}
	merged, err := w.Merge(rec)
	if err != nil {
		return django.Record{}, err
	}
	rec.Data = nil
	return s.Store.Save(ctx, rec, merged)
}

// A store that merges does so in one attempt.
func TestEventOfStoreThatMerges(t *testing.T) {
	rec := new(recorder)
	ss, err := django.New(testSettings(), django.EngineFunc(func(site django.Site) (django.Store, error) {
		inner, err := memstore.New().Open(site)
		return lockingStore{inner}, err
	}), django.WithObserver(rec))
	must(t, err)
	s := ss.NewSession()
	must(t, s.Set("a", 1))
	must(t, s.Save(t.Context()))
	other, err := ss.Load(t.Context(), s.Key())
	must(t, err)
	must(t, other.Set("b", 1))
	must(t, other.Save(t.Context()))
	must(t, s.Set("c", 1))
	must(t, s.Save(t.Context()))
	check(t, "events", rec.take(t), "create ok 1, load ok, save ok 1, save merged 1")
}
