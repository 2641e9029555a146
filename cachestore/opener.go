package cachestore

import (
	"context"
	"errors"

	"github.com/djsession/djsession/django"
)

// An Opener is a [Cache] that needs the site's settings, or that does not take every key. The
// engines open it before they use it.
type Opener interface {
	// OpenCache returns the cache for a site whose sessions have full keys like key. Its
	// errors are about settings, options and the key; it need not connect to anything.
	OpenCache(site django.Site, key string) (Cache, error)
}

// A Checker is a [Cache] that can check its own setup.
type Checker interface {
	// Check returns an error if the cache cannot be reached, if what it keeps items in is
	// missing, or else one that wraps [ErrCulled].
	Check(ctx context.Context) error
}

// ErrCulled: Django deletes items of the cache before they expire, or soon will, because there are
// more than MAX_ENTRIES. In cached_db they are copies, which may go.
var ErrCulled = errors.New("cachestore: the cache has too many items for MAX_ENTRIES")

// openCache returns the cache for a site.
func (o *options) openCache(cache Cache, site django.Site) (Cache, error) {
	opener, ok := cache.(Opener)
	if !ok {
		return cache, nil
	}
	return opener.OpenCache(site, o.fullKey(probe))
}
