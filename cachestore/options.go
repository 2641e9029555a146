package cachestore

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/engines"
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

// Serves implements django.Engine: the cache engine, and a site's own subclasses of it; with
// [WithSignedText], django-redis-sessions and subclasses of that.
func (e *Engine) Serves(sessionEngine string) bool {
	switch engines.Django(sessionEngine) {
	case django.EngineCache:
		return !e.opts.signed
	case "redis_sessions.session":
		return e.opts.signed
	}
	return engines.Serves("cachestore.New", sessionEngine)
}

// Open implements django.Engine. The error is that of the options, or of the cache if it is an
// [Opener].
func (e *Engine) Open(site django.Site) (django.Store, error) {
	s, err := open(e.cache, e.opts, site)
	if err != nil {
		return nil, err
	}
	if scanner, ok := s.cache.(Scanner); ok {
		return &lister{s, scanner}, nil
	}
	return s, nil
}

// Format implements fmt.Formatter: a client's password is not printed.
func (e *Engine) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "cachestore.Engine") }

func open(cache Cache, opts options, site django.Site) (*store, error) {
	if err := opts.follow(site.Settings); err != nil {
		return nil, err
	}
	switch {
	case cache == nil:
		return nil, errors.New("cachestore: New needs a cache")
	case opts.key == nil:
		return nil, errors.New("cachestore: WithKeyFunction needs a function")
	case opts.fullKey(probe) == opts.fullKey(other):
		return nil, errors.New("cachestore: WithKeyFunction makes the same full key for different sessions")
	case opts.encoding == nil && !opts.signed:
		return nil, errors.New("cachestore: WithEncoding needs an encoding")
	}
	opened, err := opts.openCache(cache, site)
	if err != nil {
		return nil, err
	}
	if opts.signed {
		opts.encoding = signedText{site.Codec}
	}
	return &store{cache: opened, opts: opts, max: site.Codec.MaxInflated()}, nil
}

// An Option changes a default of [New].
type Option func(*options)

type options struct {
	name     string  // before the session's key
	prefix   *string // WithKeyPrefix's, if given
	version  *int    // WithVersion's, if given
	key      KeyFunction
	keyed    bool // WithKeyFunction was given
	encoding Encoding
	encodes  bool // WithEncoding was given
	signed   bool
}

func optionsOf(name string, opts []Option) options {
	o := options{name: name, key: defaultKey, encoding: Pickle}
	for _, set := range opts {
		set(&o)
	}
	return o
}

// WithKeyPrefix sets the cache's KEY_PREFIX: by default that of Settings.Caches, or none.
func WithKeyPrefix(prefix string) Option { return func(o *options) { o.prefix = &prefix } }

// WithVersion sets the cache's VERSION: by default that of Settings.Caches, or 1.
func WithVersion(version int) Option { return func(o *options) { o.version = &version } }

// A KeyFunction makes the full key from a key, KEY_PREFIX and VERSION, as the function that
// KEY_FUNCTION names does. It must be safe for concurrent use.
type KeyFunction func(key, prefix string, version int) string

// WithKeyFunction sets the counterpart of the cache's KEY_FUNCTION. The default is Django's.
// Sessions can be listed only if full keys end with the key that the function is given.
func WithKeyFunction(f KeyFunction) Option {
	return func(o *options) { o.key, o.keyed = f, true }
}

// WithEncoding sets what the cache's serializer and compressor do: [Pickle] by default.
func WithEncoding(e Encoding) Option {
	return func(o *options) { o.encoding, o.encodes = e, true }
}

// follow sets what no option set to what Settings.Caches says. It is an error if that says what
// only an option can do.
func (o *options) follow(s django.Settings) error {
	alias := s.SessionCacheAlias
	c, known := s.Caches[alias]
	if !known || o.signed {
		c.Version = 1
	}
	o.prefix, o.version = cmp.Or(o.prefix, &c.KeyPrefix), cmp.Or(o.version, &c.Version)
	switch {
	case o.signed:
	case c.KeyFunction != "" && !o.keyed:
		return fmt.Errorf("cachestore: CACHES[%s] has the KEY_FUNCTION %s: pass its counterpart to WithKeyFunction", alias, c.KeyFunction)
	case (c.Serializer != "" || c.Compressor != "") && !o.encodes:
		return fmt.Errorf("cachestore: CACHES[%s] has a SERIALIZER or COMPRESSOR of django-redis: pass what they do to WithEncoding, as package djangoredis shows", alias)
	}
	return nil
}

func defaultKey(key, prefix string, version int) string {
	return prefix + ":" + strconv.Itoa(version) + ":" + key
}

// fullKey returns the cache's key of a session.
func (o *options) fullKey(key string) string { return o.key(o.name+key, *o.prefix, *o.version) }
