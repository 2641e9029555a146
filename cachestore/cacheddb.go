package cachestore

import (
	"errors"
	"fmt"
	"io"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/engines"
)

// cachedDBName is before the key of each session, and qsessionsName for django-qsessions.
const (
	cachedDBName  = "django.contrib.sessions.cached_db"
	qsessionsName = "qsessions.q_cached_db"
)

// NewCachedDB returns the engine for SESSION_ENGINE =
// "django.contrib.sessions.backends.cached_db": sessions are rows of a database, as rows opens
// them, and Django keeps copies of them in the cache that SESSION_CACHE_ALIAS names. rows is
// what would serve the site without the cache:
//
//	engine := cachestore.NewCachedDB(dbstore.New(db), rediscache.New(client))
//
// Go loads and saves the row, and after each write deletes the copy, so that Django loads the
// row at its next request. That needs no serializer or compressor, and Go adds no copies. See
// [WithReadThrough] for reading the copies too.
//
// The opened store is a [*CachedDB]. It does not connect to anything before it is used.
func NewCachedDB(rows django.Engine, cache Cache, opts ...CachedDBOption) django.Engine {
	e := &cachedDBEngine{rows: rows, cache: cache, opts: cachedDBOptions{options: optionsOf("", nil), wait: defaultCacheWait}}
	for _, o := range opts {
		o.applyCachedDB(&e.opts)
	}
	return e
}

type cachedDBEngine struct {
	rows  django.Engine
	cache Cache
	opts  cachedDBOptions
}

// Serves implements django.Engine: cached_db, that of django-qsessions, and a site's own
// subclasses.
func (e *cachedDBEngine) Serves(sessionEngine string) bool {
	return engines.Serves("cachestore.NewCachedDB", sessionEngine)
}

// Open implements django.Engine.
func (e *cachedDBEngine) Open(site django.Site) (django.Store, error) {
	switch {
	case e.rows == nil || e.cache == nil:
		return nil, errors.New("cachestore: NewCachedDB needs an engine for the rows, such as dbstore.New(db), and a cache")
	case !e.rows.Serves(django.EngineDB):
		return nil, fmt.Errorf("cachestore: NewCachedDB needs an engine for the rows, such as dbstore.New(db): %T is none", e.rows)
	case e.opts.wait <= 0:
		return nil, errors.New("cachestore: WithCacheWait needs a positive duration")
	case e.opts.again < 0:
		return nil, errors.New("cachestore: WithSecondDelete needs a positive duration")
	case e.opts.signed:
		return nil, errors.New("cachestore: WithSignedText is not for NewCachedDB")
	}
	rows, err := e.rows.Open(site)
	if err != nil {
		return nil, err
	}
	opts := e.opts.options
	if opts.name == "" {
		opts.name = cachedDBName
		if site.Settings.SessionEngine == "qsessions.backends.cached_db" {
			opts.name = qsessionsName
		}
	}
	copies, err := open(e.cache, opts, site)
	if err != nil {
		return nil, err
	}
	return &CachedDB{rows: rows, copies: copies, wait: e.opts.wait, again: e.opts.again, readThrough: e.opts.readThrough, logger: site.Logger}, nil
}

// Format implements fmt.Formatter: a client's password is not printed.
func (e *cachedDBEngine) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "cachestore.NewCachedDB")
}
