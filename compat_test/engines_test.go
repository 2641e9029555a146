package compat

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
)

// engineSite is a live Django that is configured for all session engines and caches, and Go.
type engineSite struct {
	*cell
	config testenv.Config
	prefix string // KEY_PREFIX
	files  string // SESSION_FILE_PATH
	cached string // LOCATION of the file-based cache
}

// engineCell is one session engine of such a site.
type engineCell struct {
	*engineSite
	engine   sessionEngine
	count    int            // sessions that both sides agreed on
	settings map[string]any // Django's
	opened   django.Engine
	sessions *django.Sessions
	keys     []string // of random sessions that Django wrote
	names    [][]string
}

// TestEngines runs the checks for every Django with every session engine and cache that it has;
// see [full]. TestMatrix has the database engine.
func TestEngines(t *testing.T) {
	for _, version := range testenv.Djangos(t) {
		t.Run(version.Name, func(t *testing.T) {
			t.Parallel()
			engines := slices.DeleteFunc(slices.Clone(sessionEngines), func(e sessionEngine) bool { return !e.on(version) })
			if version.Missing != "" {
				for _, e := range engines {
					engineOutcomes.add(e.result(version, 0, version.Missing))
				}
			}
			site := newEngineSite(t, version)
			for _, e := range engines {
				t.Run(e.name, func(t *testing.T) {
					c := newEngineCell(t, site, e)
					t.Cleanup(func() { engineOutcomes.add(e.result(version, c.count, verdict(t))) })
					checkEngine(t, c)
				})
			}
		})
	}
}

// result is the engine's part of a cell of the README's table.
func (e sessionEngine) result(d testenv.Django, sessions int, outcome string) result {
	return result{Django: d.Version, Python: d.PythonVersion, Database: e.column, Sessions: sessions, Full: full, Outcome: outcome}
}

func checkEngine(t *testing.T, c *engineCell) {
	for _, check := range []struct {
		name    string
		run     func(*testing.T, *engineCell)
		applies bool
	}{
		{"Django writes, Go reads", engineDjangoWrites, !c.engine.adds},
		{"Go changes one key", engineGoChangesOneKey, !c.engine.adds},
		{"Go creates", engineGoCreates, true},
		{"expiry", engineExpiry, true},
		{"key cycled on either side", engineCycles, !c.engine.adds},
		{"both write at once", engineBothWrite, !c.inCookie() && !c.engine.adds},
		{"logout on either side", engineLogout, !c.inCookie()},
		{"Django sees every change", engineStale, c.engine.column == "cached_db"},
		{"logins", engineLogins, full || !c.inner || c.django.Name == "4.2"},
	} {
		if check.applies {
			t.Run(check.name, func(t *testing.T) { check.run(t, c) })
		}
	}
}

// inCookie reports whether the session's key is the session.
func (c *engineCell) inCookie() bool { return c.engine.setting == django.EngineSignedCookies }

func newEngineSite(t *testing.T, version testenv.Django) *engineSite {
	t.Helper()
	site := &engineSite{prefix: testenv.NewKeyPrefix(), files: t.TempDir(), cached: filepath.Join(t.TempDir(), "cache")}
	caches := map[string]any{"default": map[string]any{"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
	for _, one := range djangoCaches {
		if one.on(version) {
			caches[one.name] = one.entry(t, site)
		}
	}
	site.config = testenv.Config{Database: testenv.SQLite(t), Settings: map[string]any{"SECRET_KEY": secret, "USE_TZ": true, "TIME_ZONE": "UTC",
		"CACHES": caches, "SESSION_FILE_PATH": site.files, "SESSION_REDIS": redisSessions(t, site)}}
	if version.Name == qsessionsOn {
		site.config.Settings["INSTALLED_APPS"] = []string{"django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "accounts", "qsessions"}
	}
	site.cell = openCell(t, version, site.config, nil)
	testenv.Tell(t, site.worker, "migrate", testenv.Args{"app": "auth"})
	if version.Name == qsessionsOn {
		testenv.Tell(t, site.worker, "migrate", testenv.Args{"app": "qsessions"})
	}
	testenv.Tell(t, site.worker, "create_cache_tables", testenv.Args{})
	return site
}

func newEngineCell(t *testing.T, site *engineSite, e sessionEngine) *engineCell {
	t.Helper()
	c := &engineCell{engineSite: site, engine: e, settings: map[string]any{"SESSION_ENGINE": e.setting}}
	if e.cache != "" {
		c.settings["SESSION_CACHE_ALIAS"] = e.cache
	}
	set := site.cell.sessions.Settings()
	set.SessionEngine, set.SessionFilePath = e.setting, site.files
	if e.pickled {
		set.SessionSerializer = "django.contrib.sessions.serializers.PickleSerializer"
		c.settings["SESSION_SERIALIZER"] = set.SessionSerializer
	}
	c.opened = e.open(t, c)
	var err error
	if c.sessions, err = django.New(set, c.opened); err != nil {
		t.Fatal(err)
	}
	return c
}

// askEngine calls a method about sessions under the engine's settings.
func askEngine[Result any](t *testing.T, c *engineCell, method string, args testenv.Args) Result {
	t.Helper()
	args["settings"] = c.settings
	return testenv.Ask[Result](t, c.worker, method, args)
}

// random is how many random sessions Django writes: in full as many as with the database for two
// Djangos, and few for those between the oldest and the newest.
func (c *engineCell) random() int {
	switch {
	case c.newest || c.django.Name == "4.2":
		return times(500, 12)
	case c.inner:
		return times(50, 4)
	}
	return times(100, 6)
}

func (c *engineCell) seed() int {
	n := c.cell.seed()
	for _, r := range c.engine.name {
		n = n*31 + int(r)
	}
	return n & 0xfffffff
}

func (c *engineCell) load(t *testing.T, key string) *django.Session {
	t.Helper()
	s, err := c.sessions.Load(t.Context(), key)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return s
}

func (c *engineCell) create(t *testing.T, values fixtures.Value, expiry ...any) string {
	t.Helper()
	args := testenv.Args{"values": values}
	if len(expiry) > 0 {
		args["expiry"] = expiry[0]
	}
	return askEngine[string](t, c, "engine_create", args)
}

// judge returns how Django loads a session at its next request.
func (c *engineCell) judge(t *testing.T, key string) testenv.Loaded {
	t.Helper()
	return askEngine[[]testenv.Loaded](t, c, "engine_load_many", testenv.Args{"session_keys": []string{key}})[0]
}

// change has Django run a program on a session; it returns the key that the session has then.
func (c *engineCell) change(t *testing.T, key string, steps ...any) string {
	t.Helper()
	changed := askEngine[testenv.Changed](t, c, "engine_change", testenv.Args{"session_key": key, "program": steps})
	for i, r := range changed.Results {
		if r.Error != "" {
			t.Fatalf("%v raised %s", steps[i], r.Error)
		}
	}
	return changed.SessionKey
}

// holds checks that both sides load the same values.
func (c *engineCell) holds(t *testing.T, key string, want fixtures.Value) {
	t.Helper()
	if loaded := c.judge(t, key); !loaded.Found || !loaded.Values.Equal(want) {
		t.Errorf("Django finds it: %t, and loads %s, want %s", loaded.Found, loaded.Values, want)
	}
	if got := goItems(t, c.load(t, key)); !got.Equal(want) {
		t.Errorf("Go loads %s, want %s", got, want)
	}
}
