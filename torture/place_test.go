package torture

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/redis/go-redis/v9"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/filecache"
	"github.com/djsession/djsession/cachestore/memcached"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/filestore"
)

// The kinds of places.
const (
	redisServer     = "redis"
	redisSentinel   = "sentinel"
	redisCluster    = "cluster"
	memcachedServer = "memcached"
	files           = "files"
	cacheFiles      = "cache files" // of Django's FileBasedCache
)

// A place is where sessions are, or with a database the copies of cached_db. The zero value is
// none.
type place struct {
	Kind      string
	Addresses []string // of the servers or of the Sentinels, or the directory
	Master    string   // the name by which Sentinel knows it
	Waits     bool     // for a replica, with each write
}

// mostEntries is MAX_ENTRIES of the FileBasedCache, which removes sessions beyond it.
const mostEntries = 1_000_000

// waitForReplica is how long a write waits for a replica.
const waitForReplica = time.Second

// connect returns the cache, and what closes its client.
func (p place) connect() (cachestore.Cache, io.Closer, error) {
	var client redis.UniversalClient
	switch p.Kind {
	case redisServer:
		c, err := rediscache.NewClient("redis://" + p.Addresses[0] + "/0")
		if err != nil {
			return nil, nil, err
		}
		client = c
	case redisSentinel:
		client = redis.NewFailoverClient(&redis.FailoverOptions{
			MasterName: p.Master, SentinelAddrs: p.Addresses, ContextTimeoutEnabled: true})
	case redisCluster:
		client = redis.NewClusterClient(&redis.ClusterOptions{Addrs: p.Addresses, ContextTimeoutEnabled: true})
	case cacheFiles:
		return filecache.New(p.Addresses[0], filecache.WithMaxEntries(mostEntries)), nobodyCloses{}, nil
	case memcachedServer:
		return memcached.New(p.Addresses[0]), nobodyCloses{}, nil
	default:
		return nil, nil, errors.New("no such kind of cache")
	}
	var opts []rediscache.Option
	if p.Waits {
		opts = append(opts, rediscache.WithWait(1, waitForReplica))
	}
	return rediscache.New(client, opts...), client, nil
}

type nobodyCloses struct{}

func (nobodyCloses) Close() error { return nil }

type both [2]io.Closer

func (b both) Close() error { return errors.Join(b[0].Close(), b[1].Close()) }

// opened are sessions as a service opens them.
type opened struct {
	*django.Sessions
	db    *sqlx.DB         // nil if they are in a cache
	cache cachestore.Cache // nil if they are in a database
	close io.Closer
}

// open opens the sessions as a service would.
func (o order) open() (*opened, error) {
	in := &opened{close: nobodyCloses{}}
	var engine django.Engine
	var err error
	if o.DSN != "" {
		if in.db, err = sqlx.Open(o.Driver, o.DSN); err != nil {
			return nil, err
		}
		in.db.SetMaxOpenConns(mostConnections)
		in.db.SetMaxIdleConns(mostConnections)
		in.close, engine = in.db, dbstore.New(in.db)
	}
	if o.Place.Kind == files {
		engine = filestore.New(o.Place.Addresses[0])
	} else if o.Place.Kind != "" {
		var closer io.Closer
		if in.cache, closer, err = o.Place.connect(); err != nil {
			return nil, err
		}
		in.close = both{in.close, closer}
		if engine == nil {
			engine = cachestore.New(in.cache)
		} else {
			engine = cachestore.NewCachedDB(engine, in.cache)
		}
	}
	opts := []django.Option{
		django.WithClock(func() time.Time { return time.Now().Add(o.Ahead) }),
		django.WithLogger(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))),
	}
	if o.Timeout > 0 {
		opts = append(opts, django.WithTimeout(o.Timeout))
	}
	in.Sessions, err = django.New(o.settings(), engine, opts...)
	return in, err
}

func (o order) settings() django.Settings {
	set := siteSettings(o.Django)
	set.SessionEngine = o.Place.engine(o.DSN != "")
	return set
}

// engine returns SESSION_ENGINE.
func (p place) engine(rows bool) string {
	switch {
	case p.Kind == files:
		return django.EngineFile
	case p.Kind == "":
		return django.EngineDB
	case rows:
		return django.EngineCachedDB
	}
	return django.EngineCache
}

// ask returns nil if the place answers, on new connections.
func (o order) ask(ctx context.Context) error {
	o.Place.Waits = false
	in, err := o.open()
	if err != nil {
		return err
	}
	defer in.close.Close()
	if _, err := in.Load(ctx, o.Keys[0]); !errors.Is(err, django.ErrNotFound) {
		return err
	}
	return nil
}
