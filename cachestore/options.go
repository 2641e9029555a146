package cachestore

import (
	"fmt"

	"github.com/djsession/djsession/django"
)

// Engine opens a store in a cache; hand it to django.New.
type Engine struct {
	cache Cache
	opts  options
}

// New returns the engine for SESSION_ENGINE = "django.contrib.sessions.backends.cache" on the
// cache that SESSION_CACHE_ALIAS names. It does not connect to it.
func New(cache Cache, opts ...Option) *Engine {
	return &Engine{cache, optionsOf("django.contrib.sessions.cache", opts)}
}

// Serves implements django.Engine: the cache engine, and a site's own subclasses of it.
func (e *Engine) Serves(sessionEngine string) bool {
	switch sessionEngine {
	case django.EngineDB, django.EngineCachedDB, django.EngineFile, django.EngineSignedCookies:
		return false
	}
	return true
}

// Open implements django.Engine.
func (e *Engine) Open(site django.Site) (django.Store, error) {
	cache, err := e.opts.openCache(e.cache, site)
	if err != nil {
		return nil, err
	}
	return &store{cache: cache, opts: e.opts, max: site.Codec.MaxInflated()}, nil
}

// An Option changes a default of [New].
type Option func(*options)

type options struct {
	name     string // before the session's key
	prefix   string
	version  int
	key      KeyFunction
	encoding Encoding
}

func optionsOf(name string, opts []Option) options {
	o := options{name: name, version: 1, key: defaultKey, encoding: Pickle}
	for _, set := range opts {
		set(&o)
	}
	return o
}

// WithKeyPrefix sets the cache's KEY_PREFIX, empty by default.
func WithKeyPrefix(prefix string) Option { return func(o *options) { o.prefix = prefix } }

// WithVersion sets the cache's VERSION, 1 by default.
func WithVersion(version int) Option { return func(o *options) { o.version = version } }

// A KeyFunction makes the full key from a key, KEY_PREFIX and VERSION, as the function that
// KEY_FUNCTION names does.
type KeyFunction func(key, prefix string, version int) string

// WithKeyFunction sets the counterpart of the cache's KEY_FUNCTION. The default is Django's.
func WithKeyFunction(f KeyFunction) Option { return func(o *options) { o.key = f } }

// WithEncoding sets what the cache's serializer and compressor do: [Pickle] by default.
func WithEncoding(e Encoding) Option { return func(o *options) { o.encoding = e } }

func defaultKey(key, prefix string, version int) string {
	return fmt.Sprintf("%s:%d:%s", prefix, version, key)
}

// fullKey returns the cache's key of a session.
func (o *options) fullKey(key string) string { return o.key(o.name+key, o.prefix, o.version) }
