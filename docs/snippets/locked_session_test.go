package snippets

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

var servers testenv.Servers

func TestMain(m *testing.M) { servers.Main(m) }

// sites are those that locked_session.py has to work in.
var sites = map[string]struct {
	engine     string // SESSION_ENGINE
	router     string // in testdata/site/shop/routers.py
	others     []string
	everywhere bool // with every Django, not only the oldest and the newest, and every database
}{
	"Django's own model":           {engine: "django.contrib.sessions.backends.db", everywhere: true},
	"sessions in another database": {engine: "django.contrib.sessions.backends.db", router: "Routed", others: []string{"sessions"}},
	"a model of its own":           {engine: "shop.store"},
	"both":                         {engine: "shop.store", router: "Routed", others: []string{"sessions"}, everywhere: true},
	"reads from a replica":         {engine: "django.contrib.sessions.backends.db", router: "Replicated", others: []string{"sessions", "replica"}},
	"cached_db":                    {engine: "django.contrib.sessions.backends.cached_db"},
}

// TestLockedSession runs testdata/site/check.py in every site.
func TestLockedSession(t *testing.T) {
	djangos := testenv.Djangos(t)
	newest := testenv.NewestDjango(t)
	for name, site := range sites {
		for i, d := range djangos {
			if i > 0 && d.Name != newest.Name && !site.everywhere {
				continue
			}
			t.Run(name+"/"+d.Name+"/SQLite", func(t *testing.T) {
				t.Parallel()
				checkLockedSession(t, d, name, testenv.SQLiteVendor)
			})
		}
		for vendor := range testenv.Vendors {
			if vendor == "SQLite" || !site.everywhere {
				continue
			}
			t.Run(name+"/"+newest.Name+"/"+vendor, func(t *testing.T) {
				t.Parallel()
				checkLockedSession(t, newest, name, testenv.Vendors[vendor])
			})
		}
	}
}

func checkLockedSession(t *testing.T, d testenv.Django, name string, vendor testenv.Vendor) {
	python := d.Executable(t)
	site := sites[name]
	databases := map[string]any{"default": servers.New(t, vendor).Django(nil)}
	for _, alias := range site.others {
		databases[alias] = servers.New(t, vendor).Django(nil)
	}
	snippet, err := filepath.Abs("locked_session.py")
	if err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(map[string]any{"databases": databases, "router": site.router, "engine": site.engine, "snippet": snippet})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "-B", "-E", "-s", "-W", "ignore", "check.py")
	cmd.Dir = "testdata/site"
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "LC_ALL=C.UTF-8"}
	cmd.Stdin = bytes.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil || !bytes.HasPrefix(out, []byte("ok ")) {
		t.Errorf("%v\n%s", err, out)
	}
}
