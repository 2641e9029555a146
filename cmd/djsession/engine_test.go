package main

import (
	"testing"

	"github.com/djsession/djsession/django"
)

// TestReplacedEngines: a site with an engine of python/ has the sessions of the engine of Django's that
// it replaces, also in settings that do not say which that is.
func TestReplacedEngines(t *testing.T) {
	for _, name := range []string{"db", "cached_db", "cache"} {
		engine := "djsession." + name
		if !sameSetting("engine", engine, name) || !sameSetting("engine", djangoEngine(name), engine) {
			t.Errorf("the doctor takes %s for another engine than %s", engine, name)
		}
		s := django.DefaultSettings()
		s.SessionEngine = engine
		s.Databases = map[string]django.Database{"default": {}, "users": {}}
		s.UserModel.Database = "users"
		s.Caches = map[string]django.Cache{"default": {Backend: "django.core.cache.backends.filebased.FileBasedCache"}}
		theirs := s
		theirs.SessionEngine = djangoEngine(name)
		if got, want := databaseAlias(s), databaseAlias(theirs); got != want {
			t.Errorf("%s: the database is %s, want %s", engine, got, want)
		}
		_, got := flagValues(s)["cache-version"]
		if _, want := flagValues(theirs)["cache-version"]; got != want {
			t.Errorf("%s: the cache is taken over: %t, want %t", engine, got, want)
		}
	}
	if sameSetting("engine", "djsession.db", "cached_db") {
		t.Error("djsession.db is not cached_db")
	}
}
