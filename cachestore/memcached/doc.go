// Package memcached is the cache of Django's PyMemcacheCache and PyLibMCCache, for
// SESSION_ENGINE = "django.contrib.sessions.backends.cache" and "cached_db":
//
//	cache := memcached.New("10.0.0.1:11211;10.0.0.2:11211")
//	sessions, err := django.New(settings, cachestore.New(cache))
//
// The location is the LOCATION of the cache in Django's CACHES. If it names several servers,
// each key has its own, and Go must look for it where Django does: list the servers exactly as
// Django does, and set [WithSelection] for PyLibMCCache.
//
// # What memcached does not promise
//
// memcached drops sessions before they expire when its memory is full, and all of them when it
// restarts. Sessions cannot be listed. When a session is saved, Go refuses one that is too large
// for the server ([ErrTooLarge]) and the stored one stays, where Django deletes the stored one.
//
// # Where Django looks elsewhere
//
// pymemcache's client stops using a server that failed three times, and stores that server's
// keys on the others for a minute; before that, and then, its sessions are empty to Django. Go
// does not: while a server is down, its sessions are errors, and those of the other servers
// work. A session that Django stores elsewhere meanwhile is not found by Go, nor by Django later.
// libmemcached, and so PyLibMCCache, stays with the server, as Go does, unless its behavior
// auto_eject is set. Weights, UDP, SASL and libmemcached's other distributions are not
// supported, nor is MemcachedCache, of python-memcached, which Django 4.1 removed.
package memcached
