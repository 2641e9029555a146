package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// checkCopies compares the newest rows of cached_db with their copies in the cache. A program
// that writes only the row leaves Django with the old copy.
func (d *doctor) checkCopies(ctx context.Context) []diagnosis {
	if d.s.engine != "cached_db" {
		return inapplicable("the engine %s makes no copies", d.s.engine)
	}
	prefix, version := d.keyPrefix()
	cache, err := d.openedCache(d.fullCacheKey(prefix, version, exampleKey))
	if err != nil {
		return failUnexpected(err)
	}
	var copies, differing, unreadable int
	for _, s := range d.stored {
		item, err := cache.Get(ctx, d.fullCacheKey(prefix, version, s.key))
		if errors.Is(err, django.ErrNotFound) {
			continue
		}
		if err != nil && !errors.Is(err, django.ErrUnreadable) {
			return failUnexpected(err)
		}
		copies++
		copied, err := d.s.cache.encoding.Decode(ctx, item, 4<<20)
		switch {
		case err != nil:
			unreadable++
		case s.data != nil && !sameAsRow(s.data, copied):
			differing++
		}
	}
	switch {
	case len(d.stored) == 0:
		return skip("there are no sessions")
	case copies == 0 && d.sameSettings:
		return skip("the newest rows have no copies in the cache: it was emptied since, or nobody visited")
	case copies == 0:
		return d.missingCopies(ctx)
	case differing > 0:
		return failLocal("rows-written-alone", fmt.Sprintf("%d of %s differ from their rows: something writes rows and leaves Django with the copies", differing, countOf(copies, "copy", "copies")),
			"find the program that writes the table with SESSION_ENGINE db or by SQL, and let it use cached_db with this cache; to end the difference now, delete the copies")
	case unreadable > 0:
		return warn("cache-serializer", fmt.Sprintf("%d of %s in the cache cannot be read; only cachestore.WithReadThrough would need to", unreadable, countOf(copies, "copy", "copies")), "compare SERIALIZER and COMPRESSOR of CACHES with "+d.place("cache-serializer"))
	}
	return passed("%s of the newest rows, the same as these", countOf(copies, "copy", "copies"))
}

func countOf(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}

// missingCopies looks for the copies under other keys, or on other servers.
func (d *doctor) missingCopies(ctx context.Context) []diagnosis {
	if client, err := d.redis(); err == nil && !d.sameSettings {
		for _, s := range d.stored {
			if keys := sessionsInRedis(ctx, client, "*django.contrib.sessions.*"+globEscaped(s.key)); len(keys) > 0 {
				return d.otherKeys(keys[0], -1)
			}
		}
		if keys := sessionsInRedis(ctx, client, "*django.contrib.sessions.cached_db*"); len(keys) > 0 {
			return warn("copies-missing", "the cache holds copies of other sessions than those in the table: the table or the cache belongs to another site", "compare the database and CACHES with the site's")
		}
	}
	if d.s.cache.kind == memcachedServers && len(d.s.cache.servers) > 1 {
		if found := d.reorderedServers(ctx); found != nil {
			return found
		}
	}
	return warn("copies-missing", "none of the newest sessions has a copy in the cache: Django may use another cache, or other keys in it, and would then go on reading copies that Go does not delete", "compare LOCATION, KEY_PREFIX, VERSION and KEY_FUNCTION of CACHES[SESSION_CACHE_ALIAS] with "+d.place("cache-url"))
}

// reorderedServers tries the other client, and the servers in reverse and rotated order.
func (d *doctor) reorderedServers(ctx context.Context) []diagnosis {
	servers, client := d.s.cache.servers, d.s.cache.client
	defer func() { d.s.cache.servers, d.s.cache.client = servers, client }()
	prefix, version := d.keyPrefix()
	for _, other := range []string{client, map[string]string{"pymemcache": "pylibmc", "pylibmc": "pymemcache"}[client]} {
		for _, order := range orders(servers) {
			d.s.cache.servers, d.s.cache.client = order, other
			cache, err := d.openedCache(d.fullCacheKey(prefix, version, exampleKey))
			if err != nil {
				return nil
			}
			for _, s := range d.stored {
				if _, err := cache.Get(ctx, d.fullCacheKey(prefix, version, s.key)); err != nil {
					continue
				}
				why, change := "in another order", "list the servers in the order of LOCATION in settings.py"
				if other != client {
					why, change = "as "+other+" chooses them", "write "+other+"://… in "+d.place("cache-url")
				}
				return failLocal("memcached-servers", "copies are there if the memcached servers are taken "+why+": Go looks for a key on another server than Django", change)
			}
		}
	}
	return nil
}

// orders returns the permutations of up to four servers.
func orders(servers []string) [][]string {
	if len(servers) > 4 {
		servers = servers[:4]
	}
	if len(servers) < 2 {
		return [][]string{servers}
	}
	var all [][]string
	for i := range servers {
		rest := append(append([]string{}, servers[:i]...), servers[i+1:]...)
		for _, order := range orders(rest) {
			all = append(all, append([]string{servers[i]}, order...))
		}
	}
	return all
}

// sameAsRow reports whether a copy, which may be pickled, holds what its row does as JSON: a tuple
// is an array there.
func sameAsRow(row, copied *serializer.Dict) bool {
	if row.Len() != copied.Len() {
		return false
	}
	for name, v := range row.All() {
		w, has := copied.Get(name)
		if !has || !sameWhenReadable(v, w) {
			return false
		}
	}
	return true
}

func sameWhenReadable(v, w serializer.Value) bool {
	var k kinds
	x, y := k.readable(v), k.readable(w)
	var a, b any
	if json.Unmarshal(x, &a) != nil || json.Unmarshal(y, &b) != nil {
		return string(x) == string(y)
	}
	return reflect.DeepEqual(a, b)
}
