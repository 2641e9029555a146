// Package cachestore keeps sessions where Django's engines cache and cached_db keep them: in
// Redis, Valkey or memcached, or in Django's own caches in a database or in files.
//
//	cache := rediscache.New(client)
//	sessions, err := django.New(settings, cachestore.New(cache))
//
// For cached_db, [NewCachedDB] takes the engine of the rows as well:
//
//	engine := cachestore.NewCachedDB(dbstore.New(db), cache)
//
// The row is the truth there. Go loads and saves it, and then deletes the copy that Django has in
// the cache, so that Django reads the row at its next request. What a cache that is down, or a
// Django that is slow, changes about that is in README.md.
//
// Each kind of cache is a package below this one, so that a program gets only the client that
// it uses.
package cachestore
