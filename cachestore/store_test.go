package cachestore_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/serializer"
)

// redis returns a cache on the shared server.
func redis(t testing.TB) cachestore.Cache {
	t.Helper()
	client, err := rediscache.NewClient(servers.Redis(t).URL(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return rediscache.New(client)
}

func open(t testing.TB, cache cachestore.Cache, change func(*django.Settings), opts ...cachestore.Option) *django.Sessions {
	t.Helper()
	set := django.DefaultSettings()
	set.SecretKey, set.SessionEngine = "the-secret-of-the-site", django.EngineCache
	if change != nil {
		change(&set)
	}
	ss, err := django.New(set, cachestore.New(cache, opts...), django.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	return ss
}

func dict(t testing.TB, text string) *serializer.Dict {
	t.Helper()
	d, err := serializer.JSON.Loads([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// write returns a write that lives for age.
func write(t testing.TB, key, text string, age time.Duration) django.Write {
	t.Helper()
	return django.Write{Key: key, Data: dict(t, text), Age: age, Expires: time.Now().Add(age)}
}

const theKey, theOther = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"

func TestServes(t *testing.T) {
	for engine, want := range map[string][2]bool{ // without and with WithSignedText
		django.EngineCache:         {true, false},
		"djsession.cache":          {true, false},
		"djsession.cached_db":      {false, false},
		"redis_sessions.session":   {false, true},
		"site.sessions":            {true, true},
		django.EngineDB:            {false, false},
		django.EngineCachedDB:      {false, false},
		django.EngineFile:          {false, false},
		django.EngineSignedCookies: {false, false},
	} {
		got := [2]bool{cachestore.New(nil).Serves(engine), cachestore.New(nil, cachestore.WithSignedText()).Serves(engine)}
		if got != want {
			t.Errorf("%s: %v, want %v", engine, got, want)
		}
	}
	set := django.DefaultSettings()
	set.SecretKey, set.SessionEngine = "the-secret-of-the-site", django.EngineCache
	for name, e := range map[string]django.Engine{"a cache": cachestore.New(nil), "WithKeyFunction": cachestore.New(redis(t), cachestore.WithKeyFunction(nil)),
		"the same full key": cachestore.New(redis(t), cachestore.WithKeyFunction(func(_, prefix string, _ int) string { return prefix + "session" })),
		"WithEncoding":      cachestore.New(redis(t), cachestore.WithEncoding(nil))} {
		if _, err := django.New(set, e); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// recorder notes the keys of a cache, and has its operations fail.
type recorder struct {
	cachestore.Cache
	keys []string
	fail func(op, key string) error // before the operation
}

func (r *recorder) note(op, key string) error {
	r.keys = append(r.keys, key)
	if r.fail == nil {
		return nil
	}
	return r.fail(op, key)
}

func (r *recorder) Get(ctx context.Context, key string) (cachestore.Item, error) {
	if err := r.note("get", key); err != nil {
		return cachestore.Item{}, err
	}
	return r.Cache.Get(ctx, key)
}

func (r *recorder) Remove(ctx context.Context, key string, old cachestore.Item) (cachestore.Item, error) {
	if err := r.note("remove", key); err != nil {
		return cachestore.Item{}, err
	}
	return r.Cache.Remove(ctx, key, old)
}

func TestKeys(t *testing.T) {
	reversed := func(key, prefix string, version int) string { return fmt.Sprint(version, "/", key, "/", prefix) }
	texts := func(s *django.Settings) { s.SessionEngine = "redis_sessions.session" }
	for _, c := range []struct {
		want   string
		change func(*django.Settings)
		opts   []cachestore.Option
	}{
		{":1:django.contrib.sessions.cache" + theKey, nil, nil},
		{"site:2:django.contrib.sessions.cache" + theKey, nil, []cachestore.Option{cachestore.WithKeyPrefix("site"), cachestore.WithVersion(2)}},
		{"2/django.contrib.sessions.cache" + theKey + "/p", nil, []cachestore.Option{cachestore.WithKeyPrefix("p"), cachestore.WithVersion(2), cachestore.WithKeyFunction(reversed)}},
		{theKey, texts, []cachestore.Option{cachestore.WithSignedText()}},
		{"p:" + theKey, texts, []cachestore.Option{cachestore.WithSignedText(), cachestore.WithKeyPrefix("p")}},
	} {
		r := &recorder{Cache: redis(t)}
		store := open(t, r, c.change, c.opts...).Store()
		for _, key := range []string{theKey, "", "short", strings.Repeat("k", 129), theKey + " ", theKey + "*", "../" + theKey, theKey + "\x00"} {
			if _, err := store.Load(t.Context(), key, time.Now()); !errors.Is(err, django.ErrNotFound) {
				t.Errorf("Load: %v", err)
			}
		}
		if !slices.Equal(r.keys, []string{c.want}) {
			t.Errorf("the keys are %q, want %q", r.keys, c.want)
		}
		if _, err := store.Create(t.Context(), write(t, theKey+"*", `{}`, time.Minute)); err == nil {
			t.Error("Create under an impossible key: no error")
		}
	}
}

// TestExpiresAtOnce: what has no time left is not stored, and replaces nothing but what was
// loaded.
func TestExpiresAtOnce(t *testing.T) {
	store := open(t, redis(t), nil, cachestore.WithKeyPrefix(testenv.NewKeyPrefix())).Store()
	for _, age := range []time.Duration{0, -time.Hour} {
		if _, err := store.Create(t.Context(), write(t, theKey, `{}`, age)); err != nil {
			t.Errorf("Create: %v", err)
		}
		rec, err := store.Create(t.Context(), write(t, theKey, `{"a":1}`, time.Minute))
		if err != nil {
			t.Fatalf("Create under the key of what has expired: %v", err)
		}
		if _, err := store.Create(t.Context(), write(t, theKey, `{}`, age)); !errors.Is(err, django.ErrExists) {
			t.Errorf("Create: %v, want ErrExists", err)
		}
		now, err := store.Save(t.Context(), rec, write(t, theKey, `{"a":2}`, time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Save(t.Context(), rec, write(t, theKey, `{"a":3}`, age)); !errors.Is(err, django.ErrConflict) {
			t.Errorf("Save: %v, want ErrConflict", err)
		}
		if _, err := store.Save(t.Context(), now, write(t, theKey, `{"a":3}`, age)); err != nil {
			t.Errorf("Save: %v", err)
		}
		for _, key := range []string{theKey, theOther} {
			if _, err := store.Load(t.Context(), key, time.Now()); !errors.Is(err, django.ErrNotFound) {
				t.Errorf("Load: %v, want ErrNotFound", err)
			}
		}
		if rec, err = store.Create(t.Context(), write(t, theKey, `{"a":1}`, time.Minute)); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Save(t.Context(), rec, write(t, theOther, `{"a":3}`, age)); err != nil { // moves
			t.Errorf("Save: %v", err)
		}
		if _, err := store.Load(t.Context(), theKey, time.Now()); !errors.Is(err, django.ErrNotFound) {
			t.Errorf("Load: %v, want ErrNotFound", err)
		}
	}
}

// TestMoveFails: a move whose second step fails leaves the session where it was. If its outcome
// is unknown nothing is undone: the session is under both keys, or under the new one.
func TestMoveFails(t *testing.T) {
	down := errors.New("the cache is down")
	for name, c := range map[string]struct {
		removal, undo error
		want          error
		copied        bool // the copy is still there
	}{
		"removal fails":              {down, nil, down, false},
		"removal and undo fail":      {down, down, down, true},
		"unknown":                    {django.ErrOutcomeUnknown, nil, django.ErrOutcomeUnknown, true},
		"gone":                       {django.ErrNotFound, nil, django.ErrNotFound, false},
		"gone and undo fails":        {django.ErrNotFound, down, django.ErrNotFound, true},
		"gone and undo is not known": {django.ErrNotFound, django.ErrOutcomeUnknown, django.ErrNotFound, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{Cache: redis(t)}
			store := open(t, r, nil, cachestore.WithKeyPrefix(testenv.NewKeyPrefix())).Store()
			rec, err := store.Create(t.Context(), write(t, theKey, `{"a":1}`, time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r.fail = func(op, key string) error {
				switch {
				case op != "remove":
					return nil
				case strings.HasSuffix(key, theKey):
					cancel() // the undo does not need the caller's context
					return c.removal
				}
				return c.undo
			}
			if _, err = store.Save(ctx, rec, write(t, theOther, `{"a":2}`, time.Minute)); !errors.Is(err, c.want) {
				t.Errorf("Save: %v, want %v", err, c.want)
			}
			for key, there := range map[string]bool{theKey: true, theOther: c.copied} {
				if _, err := store.Load(t.Context(), key, time.Now()); there != (err == nil) {
					t.Errorf("Load: %v, want it there: %t", err, there)
				}
			}
		})
	}
}

// TestTooLarge: what is larger than MaxInflated is neither written nor read, and stays.
func TestTooLarge(t *testing.T) {
	cache, prefix := redis(t), cachestore.WithKeyPrefix(testenv.NewKeyPrefix())
	small := open(t, cache, func(s *django.Settings) { s.MaxInflated = 1000 }, prefix)
	large := open(t, cache, nil, prefix)
	s := large.NewSession()
	if err := errors.Join(s.Set("a", strings.Repeat("x", 900)), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	err := small.Update(t.Context(), s.Key(), func(s *django.Session) error { return s.Set("b", strings.Repeat("x", 900)) })
	if !errors.Is(err, django.ErrTooLarge) || errors.Is(err, django.ErrOutcomeUnknown) {
		t.Errorf("Update: %v, want ErrTooLarge", err)
	}
	if err := errors.Join(s.Set("c", strings.Repeat("x", 900)), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	if _, err := small.Load(t.Context(), s.Key()); !errors.Is(err, django.ErrTooLarge) {
		t.Errorf("Load: %v, want ErrTooLarge", err)
	}
	again, err := large.Load(t.Context(), s.Key())
	if err != nil || !again.Has("c") || again.Has("b") {
		t.Errorf("it was changed: %v", err)
	}
}

// TestSignedTextIsRenewed: a session that only gets a new expiry is signed anew if its key is
// one of SECRET_KEY_FALLBACKS.
func TestSignedTextIsRenewed(t *testing.T) {
	cache := redis(t)
	opts := []cachestore.Option{cachestore.WithSignedText(), cachestore.WithKeyPrefix(testenv.NewKeyPrefix())}
	site := func(key string, fallbacks ...string) *django.Sessions {
		return open(t, cache, func(s *django.Settings) {
			s.SessionEngine, s.SecretKey, s.SecretKeyFallbacks = "redis_sessions.session", key, fallbacks
		}, opts...)
	}
	s := site("the-old-secret").NewSession()
	if err := errors.Join(s.Set("a", 1), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	if _, err := site("the-new-secret").Load(t.Context(), s.Key()); !errors.Is(err, django.ErrCorrupt) {
		t.Errorf("Load without the old key: %v, want ErrCorrupt", err)
	}
	between, err := site("the-new-secret", "the-old-secret").Load(t.Context(), s.Key())
	if err != nil {
		t.Fatal(err)
	}
	between.MarkModified()
	if err := between.Save(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := site("the-new-secret").Load(t.Context(), s.Key()); err != nil {
		t.Errorf("Load after it was touched: %v", err)
	}
}
