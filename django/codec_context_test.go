package django_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/payload"
	"github.com/djsession/djsession/memstore"
	"github.com/djsession/djsession/serializer"
)

// takeMemory makes large sessions wait, until the returned function is called or the test ends.
func takeMemory(t *testing.T) (release func()) {
	t.Helper()
	var holds []payload.Hold
	for range payload.Slots {
		hold, err := payload.Take(t.Context(), payload.Small+1)
		must(t, err)
		holds = append(holds, hold)
	}
	release = sync.OnceFunc(func() {
		for _, hold := range holds {
			hold.Release()
		}
	})
	t.Cleanup(release)
	return release
}

// A large session waits for memory no longer than its context, and is not taken for a
// corrupt one then.
func TestContextBoundsTheWaitForMemory(t *testing.T) {
	large := `{"a":"` + strings.Repeat("0", 1<<20) + `"}`
	texts := map[string]string{}
	for _, version := range []string{"2.2", "3.2", "5.2"} {
		c := newCodec(t, func(s *django.Settings) { s.DjangoVersion = version })
		texts["written by "+version] = sign(t, c, large)
	}
	texts["badly signed"] = texts["written by 5.2"] + "x"
	texts["badly signed before 3.1"] = texts["written by 2.2"][4:]
	st := newSite(t, nil)
	st.put(validKey, large)

	release := takeMemory(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, version := range []string{"2.2", "3.2", "5.2"} {
		c := newCodec(t, func(s *django.Settings) { s.DjangoVersion = version })
		for name, text := range texts {
			_, err := c.Decode(ended, text)
			if errors.Is(err, context.Canceled) {
				continue
			}
			// A modern text whose signature is wrong needs no memory, unless it may be an older one.
			if !errors.Is(err, django.ErrCorrupt) || len(text) > payload.Small {
				t.Errorf("Django %s reads what is %s: %v", version, name, err)
			}
		}
	}
	if _, err := st.Load(ended, validKey); !errors.Is(err, context.Canceled) || errors.Is(err, django.ErrCorrupt) {
		t.Errorf("Load: %v", err)
	}

	release()
	if s, err := st.Load(t.Context(), validKey); err != nil || !s.Has("a") {
		t.Errorf("Load when there is memory: %v", err)
	}
}

// Writing a large session waits for memory no longer than its context, whatever the store, and
// stores nothing then.
func TestContextBoundsTheWaitForMemoryToWrite(t *testing.T) {
	change := func(s *django.Settings) { s.SecretKeyFallbacks = []string{"old"} }
	c := newCodec(t, change)
	json := `{"a":"` + strings.Repeat("0", 1<<20) + `"}`
	large, err := serializer.JSON.Loads([]byte(json))
	must(t, err)
	text := sign(t, newCodec(t, func(s *django.Settings) { s.SecretKey = "old" }), json)
	old := newCodec(t, func(s *django.Settings) { s.DjangoVersion = "2.2" })
	st := newSite(t, change)
	st.putText(validKey, text)
	extra, err := dbstore.New(st.db, dbstore.WithExtraColumns(func(context.Context, *serializer.Dict) (map[string]any, error) { return nil, nil })).Open(django.Site{Settings: c.Settings(), Codec: c, Now: time.Now})
	must(t, err)
	inMemory, err := memstore.New().Open(django.Site{Settings: c.Settings(), Codec: c, Now: time.Now})
	must(t, err)
	small, err := inMemory.Create(t.Context(), django.Write{Key: validKey, Data: new(serializer.Dict), Expires: st.now})
	must(t, err)

	takeMemory(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	stored := django.Record{Key: validKey, Version: text}
	current := django.Record{Key: validKey, Version: sign(t, c, `{}`)}
	for name, write := range map[string]func() error{
		"Encode":            func() error { _, err := c.Encode(ended, large); return err },
		"Encode before 3.1": func() error { _, err := old.Encode(ended, large); return err },
		"Renew":             func() error { _, err := c.Renew(ended, text); return err },
		"dbstore, Create": func() error {
			_, err := st.store.Create(ended, django.Write{Key: unknownKey, Data: large, Expires: st.now})
			return err
		},
		"dbstore, Save": func() error {
			_, err := st.store.Save(ended, current, django.Write{Key: validKey, Data: large, Expires: st.now})
			return err
		},
		"dbstore, Save of the expiry": func() error {
			_, err := st.store.Save(ended, stored, django.Write{Key: validKey, Expires: st.now})
			return err
		},
		"dbstore, Save of the expiry and columns": func() error {
			_, err := extra.Save(ended, stored, django.Write{Key: validKey, Expires: st.now})
			return err
		},
		"memstore, Create": func() error {
			_, err := inMemory.Create(ended, django.Write{Key: unknownKey, Data: large, Expires: st.now})
			return err
		},
		"memstore, Save": func() error {
			_, err := inMemory.Save(ended, small, django.Write{Key: validKey, Data: large, Expires: st.now})
			return err
		},
	} {
		if err := write(); !errors.Is(err, context.Canceled) || errors.Is(err, django.ErrOutcomeUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := renew(t, c, current.Version); got != current.Version {
		t.Error("a small session was renewed without need")
	}
	check(t, "whether what is stored is the same", st.text(validKey) == text, true)
}

// A commit waits for memory no longer than WithTimeout, and Save no longer than its context. The
// changes are still there, to be saved when there is memory.
func TestTimeoutBoundsTheWaitForMemory(t *testing.T) {
	ss, err := django.New(testSettings(), memstore.New(),
		django.WithTimeout(200*time.Millisecond), django.WithLogger(slog.New(slog.DiscardHandler)))
	must(t, err)
	large := strings.Repeat("0", 1<<20)
	s := ss.NewSession()
	must(t, s.Set("a", 1))
	must(t, s.Save(t.Context()))
	release := takeMemory(t)
	waits := func(name string, want time.Duration, f func()) {
		t.Helper()
		began := time.Now()
		f()
		if took := time.Since(began); took < want || took > want+time.Minute {
			t.Errorf("%s took %v, want %v", name, took, want)
		}
	}

	must(t, s.Set("a", large))
	fresh := ss.NewSession()
	must(t, fresh.Set("a", large))
	for name, s := range map[string]*django.Session{"Save": s, "Save of a new session": fresh} {
		waits(name, 50*time.Millisecond, func() {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if err := s.Save(ctx); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, django.ErrOutcomeUnknown) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	w := httptest.NewRecorder()
	waits("the request", 200*time.Millisecond, func() {
		ss.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s, err := ss.Get(r)
			must(t, err)
			must(t, s.Set("a", large))
		})).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	})
	check(t, "the status", w.Code, http.StatusServiceUnavailable)
	check(t, "cookies", len(w.Result().Cookies()), 0)

	release()
	must(t, s.Save(t.Context()))
	must(t, fresh.Save(t.Context()))
}
