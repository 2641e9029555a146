// Package cachestore keeps sessions where Django's engines cache and cached_db keep them: in
// Redis, Valkey or memcached, or in Django's own caches in a database or in files.
//
//	cache := rediscache.New(client)
//	sessions, err := django.New(settings, cachestore.New(cache))
//
// Each kind of cache is a package below this one, so that a program gets only the client that
// it uses.
package cachestore
