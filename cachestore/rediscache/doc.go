// Package rediscache is the cache of package cachestore in Redis or Valkey: one server, a
// Sentinel's, or a Cluster, where Django's RedisCache or django-redis keep the sessions.
//
//	client, err := rediscache.NewClient("redis://localhost:6379/1") // the site's LOCATION
//	sessions, err := django.New(settings, cachestore.New(rediscache.New(client)))
//
// Every write is one command or script on one key, which compares and swaps the stored bytes, so
// a deleted session stays deleted, and it works in a Cluster. Writes are never sent twice,
// whatever the client's MaxRetries: a write whose answer was lost is django.ErrOutcomeUnknown.
//
// go-redis logs what becomes of its connections to stderr, with addresses but without keys, values
// and passwords. Its redis.SetLogger is for the whole program, so it is left to the program.
//
// What Redis has acknowledged may be lost if it is killed or fails over, as its own
// configuration says: set appendfsync always, and see [WithWait]. A server that runs out of
// memory evicts sessions, unless its maxmemory-policy is noeviction.
package rediscache
