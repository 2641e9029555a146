package cachestore

import "time"

// defaultCacheWait is long for a cache, and short for a visitor.
const defaultCacheWait = time.Second

// A CachedDBOption changes a default of [NewCachedDB]. Each [Option] is one.
type CachedDBOption interface{ applyCachedDB(o *cachedDBOptions) }

type cachedDBOptions struct {
	options
	wait        time.Duration
	again       time.Duration
	readThrough bool
}

type cachedDBOption func(*cachedDBOptions)

func (f cachedDBOption) applyCachedDB(o *cachedDBOptions) { f(o) }

func (f Option) applyCachedDB(o *cachedDBOptions) { f(&o.options) }

// WithCacheWait sets how long a write waits for the cache after the row was written, 1 second
// by default, and with [WithReadThrough] how long a load waits before it reads the row. The
// context's deadline does not count after a write: the copy must be deleted even if the client
// has gone.
func WithCacheWait(d time.Duration) CachedDBOption {
	return cachedDBOption(func(o *cachedDBOptions) { o.wait = d })
}

// WithSecondDelete deletes each copy a second time, so long after the first. By default it is
// not.
//
// A request to Django that has read the row before Go's write, and stores its copy after Go has
// deleted it, leaves Django with the old session until it is saved again or the copy expires. The
// second delete ends that, if Django took no longer than d from its query to its cache; one
// second is plenty. It happens in the background, and not if the process ends before.
func WithSecondDelete(d time.Duration) CachedDBOption {
	return cachedDBOption(func(o *cachedDBOptions) { o.again = d })
}

// WithReadThrough makes a load read the copy in the cache, as Django does, and the row only if
// there is no copy that can be read or the cache fails. It needs the serializer and compressor
// of the cache; see [WithEncoding].
//
// It saves the database a query, and gives up what reading the row promises: a session that
// ended, or changed, where the copy was not deleted, is read until the copy expires, up to
// SESSION_COOKIE_AGE later. That happens if a row is deleted by other means than the session
// engine (clearsessions, SQL), if a writer stopped or the cache failed between the row's write
// and the copy's, and if a slow load of Django's stored an older copy after it.
//
// Saves still compare with the row, and nothing is lost: a session from the cache is merged
// with its row, for two queries more, and one whose row is gone is django.ErrInterrupted.
func WithReadThrough() CachedDBOption {
	return cachedDBOption(func(o *cachedDBOptions) { o.readThrough = true })
}

// WithCacheKeyPrefix sets the attribute cache_key_prefix of a site's own subclass of Django's
// SessionStore. The default is Django's, or that of django-qsessions.
func WithCacheKeyPrefix(prefix string) Option { return func(o *options) { o.name = prefix } }
