package compat

import (
	"maps"
	"net/http"
	"testing"

	"github.com/djsession/djsession/cookiestore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/filestore"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/internal/testenv/typed"
)

// elsewhere is a live Django that keeps its sessions outside of its database, and Go's sessions
// in the same place. Both clocks are stopped at stoppedAt.
type elsewhere struct {
	*cell
	settings map[string]any // Django's
	engine   django.Engine
}

// siteVariant is a way in which a site keeps its sessions.
type siteVariant struct {
	name     string
	pickle   bool
	settings map[string]any
}

// siteVariants are those that both sides must agree in.
var siteVariants = []siteVariant{
	{"JSON", false, map[string]any{}},
	{"local time", false, map[string]any{"USE_TZ": false, "TIME_ZONE": "America/Chicago"}},
	{"pickle", true, map[string]any{"SESSION_SERIALIZER": "django.contrib.sessions.serializers.PickleSerializer"}},
}

// TestFilesAndCookies shares sessions in files, and in signed cookies, with every Django.
func TestFilesAndCookies(t *testing.T) {
	for _, version := range testenv.Djangos(t) {
		if isInner(t, version) && !full {
			continue // TestEngines has both engines with every Django
		}
		t.Run(version.Name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			w := version.Start(t, testenv.Config{Settings: map[string]any{"SECRET_KEY": secret, "USE_TZ": true, "SESSION_FILE_PATH": dir}})
			for _, v := range siteVariants {
				if !v.applies(t, version) {
					continue
				}
				t.Run("files/"+v.name, func(t *testing.T) {
					e := openElsewhere(t, version, w, v, django.EngineFile, filestore.New(dir))
					t.Run("values", func(t *testing.T) { fileValues(t, e, dir) })
					t.Run("expiry", func(t *testing.T) { fileExpiry(t, e, v, dir) })
				})
				if v.name != "local time" {
					t.Run("cookies/"+v.name, func(t *testing.T) {
						e := openElsewhere(t, version, w, v, django.EngineSignedCookies, cookiestore.New())
						t.Run("values", func(t *testing.T) { cookies(t, e) })
						t.Run("views", func(t *testing.T) { cookieViews(t, e) })
					})
				}
			}
		})
	}
}

// openElsewhere opens Go's sessions in engine, with the settings of a variant.
func openElsewhere(t *testing.T, version testenv.Django, w *testenv.Worker, v siteVariant, name string, engine django.Engine) *elsewhere {
	t.Helper()
	e := &elsewhere{&cell{django: version, worker: w}, map[string]any{"SESSION_ENGINE": name}, engine}
	maps.Copy(e.settings, v.settings)
	set := django.DefaultSettings()
	set.SecretKey, set.DjangoVersion, set.SessionEngine = secret, version.Name, name
	w.UseTZ, w.TimeZone = true, "UTC"
	if v.settings["USE_TZ"] == false {
		w.UseTZ, w.TimeZone = false, v.settings["TIME_ZONE"].(string)
	}
	set.UseTZ, set.TimeZone = new(w.UseTZ), w.TimeZone
	if v.pickle {
		set.SessionSerializer = v.settings["SESSION_SERIALIZER"].(string)
	}
	var err error
	if e.sessions, err = django.New(set, engine, atStoppedTime()); err != nil {
		t.Fatal(err)
	}
	testenv.Tell(t, w, "stop_clock", testenv.Args{"at": float64(stoppedAt.UnixMicro()) / 1e6})
	return e
}

// applies reports whether the variant is to run with a Django that has it.
func (v siteVariant) applies(t *testing.T, d testenv.Django) bool {
	return (!v.pickle || !d.AtLeast(5, 0)) && (full || !isInner(t, d) || v.name != "local time")
}

// atDjango sends a request of a browser with this key, or none, through Django's middleware. It
// returns the key that the browser has then, and the results of the program.
func (e *elsewhere) atDjango(t *testing.T, key string, program ...any) (string, []testenv.Result) {
	t.Helper()
	args := testenv.Args{"settings": e.settings, "program": program}
	if key != "" {
		args["cookie"] = "sessionid=" + key
	}
	response := testenv.Ask[testenv.Response](t, e.worker, "request", args)
	if response.Status != http.StatusOK {
		t.Fatalf("Django answers %d, %s", response.Status, response.Exception)
	}
	for _, line := range response.Header("Set-Cookie") {
		cookie, err := http.ParseSetCookie(line)
		if err != nil {
			t.Fatal(err)
		}
		key = cookie.Value
	}
	return key, response.Results
}

// djangoHas checks what Django finds under a key.
func (e *elsewhere) djangoHas(t *testing.T, key string, want fixtures.Value) {
	t.Helper()
	if _, results := e.atDjango(t, key, []any{"items"}); !results[0].Value.Equal(want) {
		t.Errorf("Django finds %v, want %v", results[0], want)
	}
}

// goHas checks what Go finds under a key.
func (e *elsewhere) goHas(t *testing.T, key string, want fixtures.Value) {
	t.Helper()
	if got := typed.Items(t, e.load(t, key).Items()); !got.Equal(want) {
		t.Errorf("Go finds %v, want %v", got, want)
	}
}

// simpleProgram makes the session simple, with an expiry unless that is nil.
func simpleProgram(expiry any) []any {
	program := []any{[]any{"update", simple}}
	if expiry != nil {
		program = append(program, []any{"set_expiry", expiry})
	}
	return program
}

// setSimple is simpleProgram in Go.
func setSimple(t *testing.T, s *django.Session) {
	t.Helper()
	set(t, s, "a", 1)
	set(t, s, "b", "é")
}
