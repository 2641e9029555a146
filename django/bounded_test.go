package django_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/djsession/djsession/django"
)

// pausingStore holds one session, and takes its time to load and to store it.
type pausingStore struct {
	codec      *django.Codec
	text       string
	load, save time.Duration
	panics     bool
}

func newSlowSessions(t *testing.T, store *pausingStore, opts ...django.Option) *django.Sessions {
	t.Helper()
	ss, err := django.New(testSettings(), django.EngineFunc(func(site django.Site) (django.Store, error) {
		store.codec = site.Codec
		store.text = sign(t, site.Codec, `{"a":1}`)
		return store, nil
	}), opts...)
	must(t, err)
	return ss
}

func (s *pausingStore) takes(ctx context.Context, d time.Duration) error {
	if s.panics {
		panic("the store's")
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (*pausingStore) Capabilities() django.Capabilities { return django.Capabilities{AtomicMove: true} }

func (s *pausingStore) Load(ctx context.Context, key string, _ time.Time) (django.Record, error) {
	if err := s.takes(ctx, s.load); err != nil {
		return django.Record{}, err
	}
	data, err := s.codec.Decode(ctx, s.text)
	return django.Record{Key: key, Data: data, Version: s.text, Corrupt: err}, nil
}

func (s *pausingStore) Create(ctx context.Context, w django.Write) (django.Record, error) {
	return s.Save(ctx, django.Record{}, w)
}

func (s *pausingStore) Save(ctx context.Context, _ django.Record, u django.Write) (django.Record, error) {
	if err := s.takes(ctx, s.save); err != nil {
		return django.Record{}, err
	}
	if u.Data != nil {
		s.text, _ = s.codec.Encode(ctx, u.Data)
	}
	return django.Record{Key: u.Key, Version: s.text}, nil
}

func (s *pausingStore) Delete(ctx context.Context, _ string) error { return s.takes(ctx, s.save) }

func (s *pausingStore) ClearExpired(context.Context, time.Time) (int64, error) { return 0, nil }

// during measures f by the bubble's clock, which runs only while everybody waits.
func during(t *testing.T, what string, want time.Duration, f func()) {
	t.Helper()
	start := time.Now()
	f()
	check(t, "how long "+what+" took", time.Since(start), want)
}

// While one goroutine waits for the store, the others read and change the session, and
// what they wait for ends with their own contexts.
func TestNobodyWaitsLongerThanItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &pausingStore{save: 2 * time.Second}
		ss := newSlowSessions(t, store)
		s, err := ss.Load(t.Context(), validKey)
		must(t, err)
		must(t, s.Set("b", 1))
		saved := make(chan error)
		go func() { saved <- s.Save(context.Background()) }()
		synctest.Wait()
		during(t, "reading and changing", 0, func() {
			s.Get("a")
			s.CycleKey()
			must(t, s.Set("c", 1))
			for range s.Items() {
				s.Len()
			}
			_, err := s.ExpiryAge()
			must(t, err)
		})
		for name, f := range map[string]func(context.Context) error{
			"Save":  s.Save,
			"Flush": s.Flush,
		} {
			during(t, name, 100*time.Millisecond, func() {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				if err := f(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s: %v", name, err)
				}
			})
		}
		must(t, <-saved)
		check(t, "what the session holds", jsonOf(t, s), `{"a":1,"b":1,"c":1}`)
		if err := s.Save(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Save after a Flush that failed: %v", err)
		}
	})
}

// WithTimeout bounds the commit, whatever else a goroutine of the handler does.
func TestCommitIsBounded(t *testing.T) {
	for name, c := range map[string]struct {
		other  func(*django.Sessions, *django.Session, *http.Request)
		status int
	}{
		"a save beside it": {func(_ *django.Sessions, s *django.Session, r *http.Request) {
			_ = s.Save(context.WithoutCancel(r.Context()))
		}, 503},
		"an update beside it": {func(ss *django.Sessions, _ *django.Session, r *http.Request) {
			_ = ss.UpdateRequest(r, func(s *django.Session) error { time.Sleep(3 * time.Second); return nil })
		}, 503},
		"nothing": {func(*django.Sessions, *django.Session, *http.Request) {}, 503},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ss := newSlowSessions(t, &pausingStore{save: 3 * time.Second}, django.WithTimeout(200*time.Millisecond), django.WithLogger(slog.New(slog.DiscardHandler)))
				done := make(chan struct{})
				var w *httptest.ResponseRecorder
				during(t, "the request", 200*time.Millisecond, func() {
					w = serve(ss, validKey, func(w http.ResponseWriter, r *http.Request) {
						s, err := ss.Get(r)
						must(t, err)
						must(t, s.Set("b", 1))
						go func() { defer close(done); c.other(ss, s, r) }()
						synctest.Wait()
					})
				})
				check(t, "the status", w.Code, c.status)
				<-done
			})
		})
	}
}

// Loading waits no longer than the caller's context; that of a part of the request says
// nothing about the request.
func TestLoadIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ss := newSlowSessions(t, &pausingStore{load: 2 * time.Second})
		w := serve(ss, validKey, func(w http.ResponseWriter, r *http.Request) {
			part := func() error {
				ctx, cancel := context.WithTimeout(r.Context(), 100*time.Millisecond)
				defer cancel()
				_, err := ss.Get(r.WithContext(ctx))
				return err
			}
			during(t, "a part that loads", 100*time.Millisecond, func() {
				if err := part(); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("a part that loads: %v", err)
				}
			})
			loaded := make(chan error)
			go func() { _, err := ss.Get(r); loaded <- err }()
			synctest.Wait()
			during(t, "a part that waits", 100*time.Millisecond, func() {
				if err := part(); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("a part that waits: %v", err)
				}
			})
			s, err := ss.FromContext(r.Context())
			must(t, err)
			must(t, <-loaded)
			must(t, s.Set("b", 1))
		})
		check(t, "the status", w.Code, http.StatusOK)
		check(t, "cookies", len(w.Result().Cookies()), 1)
	})
}

// A store that panics leaves nothing locked.
func TestPanicInTheStore(t *testing.T) {
	store := &pausingStore{}
	ss := newSlowSessions(t, store)
	s, err := ss.Load(t.Context(), validKey)
	must(t, err)
	must(t, s.Set("b", 1))
	for name, f := range map[string]func(){
		"Save":   func() { _ = s.Save(t.Context()) },
		"Flush":  func() { _ = s.Flush(t.Context()) },
		"Update": func() { _ = ss.Update(t.Context(), validKey, increment) },
		"Get": func() {
			serve(ss, validKey, func(w http.ResponseWriter, r *http.Request) {
				defer func() {
					check(t, "the panic of Get", recover(), any("the store's"))
					store.panics = false
					_, err := ss.Get(r)
					must(t, err)
					panic("the store's")
				}()
				_, _ = ss.Get(r)
			})
		},
	} {
		store.panics = true
		func() {
			defer func() { check(t, "the panic of "+name, recover(), any("the store's")) }()
			f()
		}()
		store.panics = false
	}
	must(t, s.Save(t.Context()))
	must(t, ss.Update(t.Context(), validKey, increment))
}

// WithTimeout bounds waiting for the slot and the save together.
func TestTimeoutBoundsTheCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &pausingStore{save: 190 * time.Millisecond}
		ss := newSlowSessions(t, store, django.WithTimeout(200*time.Millisecond))
		start := time.Now()
		var wg sync.WaitGroup
		serve(ss, validKey, func(w http.ResponseWriter, r *http.Request) {
			s, _ := ss.Get(r)
			must(t, s.Set("b", 1))
			wg.Go(func() { _ = s.Save(context.Background()) })
			synctest.Wait()
			must(t, s.Set("c", 1))
		})
		if d := time.Since(start); d > 200*time.Millisecond {
			t.Errorf("the commit took %v with WithTimeout(200ms)", d)
		}
		wg.Wait()
	})
}

// WithTimeout bounds a load that waits for another goroutine's.
func TestTimeoutBoundsTheLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &pausingStore{load: 190 * time.Millisecond}
		ss := newSlowSessions(t, store, django.WithTimeout(200*time.Millisecond))
		serve(ss, validKey, func(w http.ResponseWriter, r *http.Request) {
			var wg sync.WaitGroup
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(r.Context(), 180*time.Millisecond)
				defer cancel()
				_, _ = ss.FromContext(ctx)
			})
			synctest.Wait()
			start := time.Now()
			_, _ = ss.Get(r)
			if d := time.Since(start); d > 200*time.Millisecond {
				t.Errorf("Get took %v", d)
			}
			wg.Wait()
		})
	})
}
