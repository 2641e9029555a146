package dbcache

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/sqldb"
)

// Cache is a [cachestore.Cache] in a table. It is safe for concurrent use, on a *sqlx.Tx as far
// as the transaction is. An engine opens it before use.
type Cache struct {
	source dbstore.DB
	table  string
	opts   options

	db    *sqldb.Database // nil until it is opened
	clock sqldb.Clock
	now   func() time.Time
	q     queries
}

var (
	_ cachestore.Cache   = (*Cache)(nil)
	_ cachestore.Opener  = (*Cache)(nil)
	_ cachestore.Checker = (*Cache)(nil)
	_ cachestore.Scanner = (*Cache)(nil)
)

// New returns the cache in a table of db: the LOCATION of the cache. A dot separates the name
// from its schema, and quotes mean what they do in dbstore.WithTable. It does not query the
// database.
func New(db dbstore.DB, table string, opts ...Option) *Cache {
	c := &Cache{source: db, table: table, opts: options{maxEntries: 300}}
	for _, o := range opts {
		o(&c.opts)
	}
	return c
}

// An Option changes a default of [New].
type Option func(*options)

type options struct {
	dialect    dbstore.Dialect
	timeZone   string
	maxEntries int
}

// WithDialect sets which database this is, for a driver whose name does not tell.
func WithDialect(d dbstore.Dialect) Option { return func(o *options) { o.dialect = d } }

// WithTimeZone sets the TIME_ZONE of Django's DATABASES entry, as dbstore.WithTimeZone does.
func WithTimeZone(name string) Option { return func(o *options) { o.timeZone = name } }

// WithMaxEntries sets the MAX_ENTRIES in OPTIONS of the site's cache, for [Cache.Check]: 300 by
// default, as in Django.
func WithMaxEntries(n int) Option { return func(o *options) { o.maxEntries = n } }

// maxKey is the length of the column cache_key, in characters.
const maxKey = 255

// OpenCache implements cachestore.Opener. It takes USE_TZ and TIME_ZONE of the settings.
func (c *Cache) OpenCache(site django.Site, key string) (cachestore.Cache, error) {
	if c.table == "" || strings.Contains(c.table, "\x00") {
		return nil, errors.New("dbcache: the cache needs the name of its table, the LOCATION of Django's cache")
	}
	if !possible(key) {
		return nil, fmt.Errorf("dbcache: KEY_PREFIX, VERSION and the key function make keys that the column cache_key does not hold: up to %d characters, without NUL", maxKey)
	}
	opened := *c
	var err error
	if opened.db, err = sqldb.Open(c.source, sqldb.Options{Dialect: sqldb.Dialect(c.opts.dialect), MaxWait: sqldb.DefaultMaxWait}); err != nil {
		return nil, fmt.Errorf("dbcache: %w", err)
	}
	zones := sqldb.Zones{UseTZ: site.Settings.UseTZ, TimeZone: site.Settings.TimeZone, Database: c.opts.timeZone}
	if opened.clock, err = sqldb.ClockOf(opened.db.Dialect, zones); err != nil {
		return nil, fmt.Errorf("dbcache: %w", err)
	}
	opened.now, opened.q = site.Now, makeQueries(opened.db.Dialect, c.table, opened.db.InTx)
	return &opened, nil
}

// possible reports whether the column holds a key.
func possible(key string) bool {
	return len(key) <= 4*maxKey && utf8.ValidString(key) && utf8.RuneCountInString(key) <= maxKey && !strings.Contains(key, "\x00")
}

// fail returns err as a *dbstore.Error; nil stays nil.
func (c *Cache) fail(op string, err error) error {
	if err == nil {
		return nil
	}
	e := &dbstore.Error{Package: "dbcache", Op: op, Table: c.table, Kind: dbstore.ErrorKind(sqldb.KindOf(err)), Err: err}
	if e.Kind == dbstore.KindUndefined {
		e.Hint = "run manage.py createcachetable, or compare the name with LOCATION in the site's CACHES"
	}
	return e
}
