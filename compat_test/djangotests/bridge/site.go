package main

import (
	"encoding/json"
	"log/slog"
	"net/http"

	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/django"
)

// site is a Django site: a siteSpec that was opened.
type site struct {
	spec     siteSpec
	settings django.Settings
	sessions *django.Sessions // in the site's engine
	tap      *tap             // the store of sessions
	failed   error            // of the last request that the error handler answered

	memory   *memory
	inMemory *django.Sessions // in memory; requests of the bridge's own use these
	forms    *csrf.Protection // opened by protection
	logins   map[string]*loginsOf
}

var sites = map[string]*site{}

// site returns the call's site. The call fails with the error if it cannot be opened.
func (c *call) site() *site {
	if len(c.Site) == 0 {
		fail("%s needs a site", c.Op)
	}
	if s := sites[string(c.Site)]; s != nil {
		return s
	}
	s, err := openSite(c.Site)
	if err != nil {
		panic(callError{err})
	}
	sites[string(c.Site)] = s
	return s
}

func openSite(text json.RawMessage) (*site, error) {
	s := &site{memory: new(memory), logins: map[string]*loginsOf{}}
	if err := json.Unmarshal(text, &s.spec); err != nil {
		fail("site: %v", err)
	}
	s.settings = s.spec.settings()
	open := engines[s.spec.Engine]
	if open == nil {
		fail("Go has no engine %q", s.spec.Engine)
	}
	engine := must(open(&s.spec))
	tapped := django.EngineFunc(func(site django.Site) (django.Store, error) {
		store, err := engine.Open(site)
		s.tap = &tap{Store: store}
		return s.tap, err
	})
	var err error
	if s.sessions, err = s.open(tapped); err != nil {
		return nil, err
	}
	s.inMemory, err = s.open(s.memory)
	return s, err
}

func (s *site) open(engine django.Engine) (*django.Sessions, error) {
	return django.New(s.settings, engine, django.WithClock(clock), django.WithLogger(slog.New(&logs)), django.WithUnreadableAsEmpty(),
		django.WithErrorHandler(func(w http.ResponseWriter, r *http.Request, err error) {
			s.failed = err
			if l, ok := r.Context().Value(liveKey{}).(*liveForm); ok {
				l.failed = err
			}
			django.DefaultErrorHandler(w, r, err)
		}))
}
