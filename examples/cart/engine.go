package main

import (
	"cmp"
	"fmt"
	"io"
	"os"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/cookiestore"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/filestore"
)

// engine is where the shop's sessions are: what SHOP_ENGINE is in shop/settings.py.
type engine struct {
	django.Engine
	setting string    // SESSION_ENGINE
	client  io.Closer // nil if it needs none
}

// openEngine returns the shop's engine, of the name that is the last part of SESSION_ENGINE.
// It connects to nothing yet.
func openEngine(name string, db *sqlx.DB) (e engine, err error) {
	cache := func() (*rediscache.Cache, error) {
		client, err := rediscache.NewClient(cmp.Or(os.Getenv("SHOP_REDIS"), demoRedis))
		if err != nil {
			return nil, fmt.Errorf("SHOP_REDIS: %w", err)
		}
		e.client = client
		return rediscache.New(client), nil
	}
	switch name {
	case "db":
		e.Engine, e.setting = dbstore.New(db), django.EngineDB
	case "cache":
		c, err := cache()
		if err != nil {
			return e, err
		}
		e.Engine, e.setting = cachestore.New(c), django.EngineCache
	case "cached_db":
		c, err := cache()
		if err != nil {
			return e, err
		}
		e.Engine, e.setting = cachestore.NewCachedDB(dbstore.New(db), c), django.EngineCachedDB
	case "file":
		e.Engine, e.setting = filestore.New(cmp.Or(os.Getenv("SHOP_SESSION_FILES"), demoSessionFiles)), django.EngineFile
	case "signed_cookies":
		e.Engine, e.setting = cookiestore.New(), django.EngineSignedCookies
	default:
		return e, fmt.Errorf("SHOP_ENGINE is db, cached_db, cache, file or signed_cookies, not %q", name)
	}
	return e, nil
}

// Close ends the connections to the cache.
func (e engine) Close() error {
	if e.client == nil {
		return nil
	}
	return e.client.Close()
}
