package main

import (
	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/filecache"
	"github.com/djsession/djsession/cookiestore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/filestore"
)

// engines are the session engines that Go implements, by their names in SESSION_ENGINE,
// and "" for sessions without a store. A new engine also needs a class in
// ../gobridge/session_engines.py.
var engines = map[string]func(*siteSpec) (django.Engine, error){
	django.EngineDB:            openDatabase,
	django.EngineFile:          func(spec *siteSpec) (django.Engine, error) { return filestore.New(spec.FilePath), nil },
	django.EngineSignedCookies: func(*siteSpec) (django.Engine, error) { return cookiestore.New(), nil },
	django.EngineCache:         func(spec *siteSpec) (django.Engine, error) { return cachestore.New(spec.cache()), nil },
	django.EngineCachedDB: func(spec *siteSpec) (django.Engine, error) {
		rows, err := openDatabase(spec)
		return cachestore.NewCachedDB(rows, spec.cache()), err
	},
	"": func(*siteSpec) (django.Engine, error) { return stub{}.engine(), nil },
}

func init() {
	register(map[string]operation{
		"check":        func(c *call) (any, error) { return nil, c.site().tap.Store.(django.Checker).Check(c.ctx(), now) },
		"key.possible": keyPossible,
	})
}

// cache is Django's FileBasedCache, which both sides can read.
func (spec *siteSpec) cache() cachestore.Cache {
	if spec.CacheDir == "" {
		fail("this site has no FileBasedCache")
	}
	return filecache.New(spec.CacheDir)
}

// keyPossible reports whether the file engine makes a path of a key.
func keyPossible(c *call) (any, error) {
	return c.site().tap.Store.(*filestore.Store).Possible(c.args.Key), nil
}
