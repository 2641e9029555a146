package cachestore_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	goredis "github.com/redis/go-redis/v9"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/memcached"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/django/storetest"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/serializer"
)

// cachedDB is a site with the engine cached_db.
type cachedDB struct {
	*django.Sessions
	db    *sqlx.DB
	cache *noting
	log   testenv.Log
}

func newCachedDB(t *testing.T, opts ...cachestore.CachedDBOption) *cachedDB {
	t.Helper()
	return newCachedDBOn(t, redisAt(t, servers.Redis(t)), opts...)
}

func redisAt(t *testing.T, server *testenv.Server) cachestore.Cache {
	return redisWith(t, server, func(*goredis.Options) {})
}

func redisWith(t *testing.T, server *testenv.Server, change func(*goredis.Options)) cachestore.Cache {
	t.Helper()
	client, err := rediscache.NewClient(server.URL(0), change)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return rediscache.New(client)
}

func newCachedDBOn(t *testing.T, cache cachestore.Cache, opts ...cachestore.CachedDBOption) *cachedDB {
	t.Helper()
	d := testenv.SQLite(t)
	d.CreateSessionTable(t)
	site := &cachedDB{db: sqlx.NewDb(d.Connect(t, "_pragma=synchronous(off)"), d.Driver()), cache: &noting{Cache: cache}}
	site.Sessions = openCachedDB(t, site, django.EngineCachedDB, opts...)
	return site
}

func openCachedDB(t *testing.T, site *cachedDB, sessionEngine string, opts ...cachestore.CachedDBOption) *django.Sessions {
	t.Helper()
	ss, err := django.New(cachedDBSettings(sessionEngine), cachestore.NewCachedDB(dbstore.New(site.db), site.cache, opts...),
		django.WithLogger(slog.New(slog.NewTextHandler(&site.log, nil))))
	if err != nil {
		t.Fatal(err)
	}
	return ss
}

func cachedDBSettings(sessionEngine string) django.Settings {
	set := django.DefaultSettings()
	set.SecretKey, set.UseTZ, set.SessionEngine = "the secret of these tests", new(true), sessionEngine
	return set
}

// noting is a cache that notes which keys are deleted.
type noting struct {
	cachestore.Cache
	mu      sync.Mutex
	deleted []string
}

func (n *noting) Delete(ctx context.Context, key string) error {
	n.mu.Lock()
	n.deleted = append(n.deleted, key)
	n.mu.Unlock()
	return n.Cache.Delete(ctx, key)
}

func (n *noting) taken() []string {
	keys := n.deleted
	n.deleted = nil
	return keys
}

const copyKey = ":1:django.contrib.sessions.cached_db"

// copies stores a copy of a session, as Django would after a load.
func (site *cachedDB) copies(t *testing.T, key string, values map[string]any) {
	t.Helper()
	data := new(serializer.Dict)
	for name, v := range values {
		encoded, err := serializer.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		data.Set(name, encoded)
	}
	item, err := cachestore.Pickle.Encode(t.Context(), data, 1<<20)
	if err == nil {
		err = site.cache.Add(t.Context(), copyKey+key, item, time.Hour)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// hasCopy reports whether there is a copy of a session.
func (site *cachedDB) hasCopy(t *testing.T, key string) bool {
	t.Helper()
	_, err := site.cache.Cache.Get(t.Context(), copyKey+key)
	if err != nil && !errors.Is(err, django.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

func saved(t *testing.T, site *cachedDB) *django.Session {
	t.Helper()
	s := site.NewSession()
	put(t, s, "a", 1)
	store(t, s)
	return s
}

func put(t *testing.T, s *django.Session, key string, v any) {
	t.Helper()
	if err := s.Set(key, v); err != nil {
		t.Fatal(err)
	}
}

func store(t *testing.T, s *django.Session) {
	t.Helper()
	if err := s.Save(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func fetch(t *testing.T, ss *django.Sessions, key string) *django.Session {
	t.Helper()
	s, err := ss.Load(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func number(t *testing.T, s *django.Session, key string) int {
	t.Helper()
	n, err := django.Value(s, key, 0)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestCachedDBConformance(t *testing.T) {
	for name, opts := range map[string][]cachestore.CachedDBOption{
		"rows":         nil,
		"read through": {cachestore.WithReadThrough()},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) django.Store { return newCachedDB(t, opts...).Store() })
		})
	}
}

// TestCachedDBWithoutACache: a cache that is down or frozen changes no promise about the rows, and
// holds up a request for no longer than WithCacheWait.
func TestCachedDBWithoutACache(t *testing.T) {
	const wait = 50 * time.Millisecond
	// The clients' own timeouts are far away, so that on a busy machine it is clear what ended a wait.
	memcachedAt := func(_ *testing.T, server *testenv.Server) cachestore.Cache {
		return memcached.New(server.Addr(), memcached.WithTimeout(time.Hour))
	}
	redisAt := func(t *testing.T, server *testenv.Server) cachestore.Cache {
		return redisWith(t, server, func(o *goredis.Options) {
			o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = time.Hour, time.Hour, time.Hour, time.Hour
		})
	}
	for name, c := range map[string]struct {
		start  func(testing.TB, ...testenv.Option) *testenv.Server
		cache  func(*testing.T, *testenv.Server) cachestore.Cache
		break_ func(*testenv.Server) error
	}{
		"Redis down":       {testenv.Redis, redisAt, (*testenv.Server).Kill},
		"Redis frozen":     {testenv.Redis, redisAt, (*testenv.Server).Pause},
		"memcached down":   {testenv.Memcached, memcachedAt, (*testenv.Server).Kill},
		"memcached frozen": {testenv.Memcached, memcachedAt, (*testenv.Server).Pause},
	} {
		t.Run(name, func(t *testing.T) {
			server := c.start(t)
			site := newCachedDBOn(t, c.cache(t, server), cachestore.WithCacheWait(wait), cachestore.WithReadThrough())
			s := saved(t, site)
			site.copies(t, s.Key(), map[string]any{"a": 7})
			if err := c.break_(server); err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			s = fetch(t, site.Sessions, s.Key())
			put(t, s, "b", 2)
			store(t, s)
			old := s.Key()
			s.CycleKey()
			store(t, s)
			if _, err := site.Load(t.Context(), old); !errors.Is(err, django.ErrNotFound) {
				t.Errorf("Load of the old key: %v", err)
			}
			if s = fetch(t, site.Sessions, s.Key()); number(t, s, "a") != 1 || number(t, s, "b") != 2 {
				t.Error("the row was not saved")
			}
			if took := time.Since(begin); took > time.Minute {
				t.Errorf("it took %v", took)
			}
			site.log.Take()
			err := s.Flush(t.Context())
			if err == nil || !strings.Contains(err.Error(), "copy in the cache") {
				t.Fatalf("Flush: %v, want an error about the copy", err)
			}
			text := site.log.Take()
			if !strings.Contains(text, "level=ERROR") || !strings.Contains(text, "Django reads its old copy") {
				t.Errorf("the log is %q", text)
			}
			redacted(t, text+err.Error(), s.Key())
			if err := site.Check(t.Context()); err == nil {
				t.Error("Check finds nothing wrong")
			}
			if err := server.Restart(t.Context()); err != nil {
				t.Fatal(err)
			}
			// On a busy machine the cache may take longer than WithCacheWait at first.
			for end := time.Now().Add(time.Minute); ; {
				if err := s.Flush(t.Context()); err == nil {
					break
				} else if time.Now().After(end) {
					t.Fatalf("Flush again: %v", err)
				}
			}
		})
	}
}

// TestCachedDBClientGone: the copy is deleted even if the request has ended meanwhile.
func TestCachedDBClientGone(t *testing.T) {
	site := newCachedDB(t)
	s := saved(t, site)
	site.copies(t, s.Key(), map[string]any{"a": 1})
	ctx, cancel := context.WithCancel(t.Context())
	rows := django.EngineFunc(func(at django.Site) (django.Store, error) {
		rows, err := dbstore.New(site.db).Open(at)
		return canceling{rows, cancel}, err
	})
	ss, err := site.With(cachestore.NewCachedDB(rows, site.cache))
	if err != nil {
		t.Fatal(err)
	}
	s, err = ss.Load(ctx, s.Key())
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "a", 2)
	if err := s.Save(ctx); err != nil || ctx.Err() == nil {
		t.Errorf("Save: %v; the context: %v", err, ctx.Err())
	}
	if site.hasCopy(t, s.Key()) {
		t.Error("the copy is still there")
	}
}

// canceling cancels the request once the row was written.
type canceling struct {
	django.Store
	cancel func()
}

func (c canceling) Save(ctx context.Context, old django.Record, w django.Write) (django.Record, error) {
	defer c.cancel()
	return c.Store.Save(ctx, old, w)
}

// redacted fails if a log or an error holds the key of a session.
func redacted(t *testing.T, text, key string) {
	t.Helper()
	if bytes.Contains([]byte(text), []byte(key)) {
		t.Error("a session key is in a log or an error")
	}
}
