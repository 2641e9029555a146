package torture

import (
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

func TestRedis(t *testing.T) {
	begin(t)
	server := testenv.Redis(t, testenv.Durable())
	a := newCacheArena(t, "Redis", place{Kind: redisServer, Addresses: []string{server.Addr()}}, current.cachers)
	a.redisVersion(t, server)
	peace(t, a)
	t.Run("careless Go", func(t *testing.T) { carelessCache(t, a) })
	t.Run("killed", func(t *testing.T) { killServer(t, a, server, a.stormers()) })
	strike(t, a, server, a.stormers())
}

func TestMemcached(t *testing.T) {
	begin(t)
	server := testenv.Memcached(t)
	a := newCacheArena(t, "memcached", place{Kind: memcachedServer, Addresses: []string{server.Addr()}}, current.cachers)
	a.memcachedVersion(t, server)
	peace(t, a)
	t.Run("careless Go", func(t *testing.T) { carelessCache(t, a) })
	strike(t, a, server, a.stormers())
	t.Run("killed", func(t *testing.T) { forget(t, a, server) })
}

func TestSentinel(t *testing.T) {
	begin(t)
	t.Run("WithWait", func(t *testing.T) { failSentinel(t, true) })
	if full() {
		t.Run("without", func(t *testing.T) { failSentinel(t, false) })
	}
}

// TestFiles: Django does not lock its files. Go puts back what it has replaced by mistake, but a Django
// that loads the session before that loses a write of its own, or keeps a change of Go's that is then
// made again: fewer than 1 % of them.
func TestFiles(t *testing.T) {
	begin(t)
	a := newCacheArena(t, "files", place{Kind: files, Addresses: []string{t.TempDir()}}, current.cachers)
	a.lossyDjango = true
	peace(t, a)
	t.Run("writers killed", func(t *testing.T) { killWriters(t, a, a.stormers()) })
}

// TestCacheFiles has our engine write to Django's FileBasedCache, in which Django's own engine does not lock.
func TestCacheFiles(t *testing.T) {
	begin(t)
	if !full() {
		t.Skip("in the long form only: package compat tests it, too")
	}
	a := newCacheArena(t, "FileBasedCache", place{Kind: cacheFiles, Addresses: []string{t.TempDir()}}, current.cachers)
	t.Run("with our engine", func(t *testing.T) { withEngine(t, a) })
	t.Run("counter of both", func(t *testing.T) { countTogether(t, a) })
}

// TestCachedDB has the audit of the database's trail.
func TestCachedDB(t *testing.T) {
	begin(t)
	if !full() {
		t.Skip("in the long form only: PostgreSQL and Redis are tested each")
	}
	cache := testenv.Redis(t)
	database := testenv.PostgreSQL(t, testenv.Durable()).NewDatabase(t)
	a := newArenaIn(t, &arena{report: &caches, column: "cached_db", database: database,
		place: place{Kind: redisServer, Addresses: []string{cache.Addr()}}}, current.djangos)
	a.redisVersion(t, cache)
	peace(t, a)
	t.Run("cache killed", func(t *testing.T) { killCache(t, a, cache) })
}

func TestCluster(t *testing.T) {
	begin(t)
	if !full() {
		t.Skip("in the long form only: six servers start slowly")
	}
	failClusters(t, "Cluster")
}
