package main

import (
	"fmt"
	"log/slog"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cookiestore"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/filestore"
)

// openEngine returns the engine of the site's sessions.
func (a *app) openEngine(s *site) (django.Engine, error) {
	switch s.engine {
	case "file":
		return filestore.New(""), nil
	case "signed_cookies":
		return cookiestore.New(), nil
	}
	var rows django.Engine
	if s.engine != "cache" {
		options, err := s.tableOptions()
		if err != nil {
			return nil, err
		}
		rows = dbstore.New(s.db, options...)
		if s.engine == "db" {
			return rows, nil
		}
	}
	cache, err := s.openCache()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where("cache-url"), err)
	}
	if s.engine == "cache" {
		return cachestore.New(cache, s.cache.options...), nil
	}
	var options []cachestore.CachedDBOption
	for _, o := range s.cache.options {
		options = append(options, o)
	}
	return loggingEngine{cachestore.NewCachedDB(rows, cache, options...), slog.New(sayHandler{a})}, nil
}

// loggingEngine is an engine with its own log. That of the sessions is discarded: commands
// report what they find themselves.
type loggingEngine struct {
	django.Engine
	logger *slog.Logger
}

func (e loggingEngine) Open(site django.Site) (django.Store, error) {
	site.Logger = e.logger
	return e.Engine.Open(site)
}
