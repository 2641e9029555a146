package managepy_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// TestEngines: sessions are what the site's own engine makes of them, whichever it is.
func TestEngines(t *testing.T) {
	d := testenv.NewestDjango(t)
	manage := d.Project(t, `
import os
SESSION_ENGINE = "django.contrib.sessions.backends." + os.environ.get("ENGINE", "db")
SESSION_FILE_PATH = str(BASE_DIR / "sessions")
os.makedirs(SESSION_FILE_PATH, exist_ok=True)
CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": str(BASE_DIR / "cache")}}
`, nil)
	for _, name := range []string{"db", "cached_db", "cache", "file", "signed_cookies"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, d, manage, "ENGINE="+name)
			key := call[made](t, p, "session_create", args{"data": `{"a": 1.0}`}).Key
			changed := call[made](t, p, "session_set", args{"key": key, "data": `{"b": "2"}`}).Key
			if (changed == key) != (name != "signed_cookies") {
				t.Error("the key changes in signed_cookies only")
			}
			got := call[loaded](t, p, "session_load", args{"key": changed})
			if !got.Found || got.Corrupted || got.Data != `{"a": 1.0, "b": "2"}` {
				t.Errorf("%+v", got)
			}
			call[any](t, p, "session_delete", args{"key": changed})
			for _, absent := range []string{changed, strings.Repeat("a", 32)} {
				if name == "signed_cookies" && absent == changed {
					continue // cannot be revoked
				}
				if got := call[loaded](t, p, "session_load", args{"key": absent}); got.Found || got.Data != "" {
					t.Errorf("%+v", got)
				}
			}
		})
	}
}

// TestPickled: what JSON cannot hold is named with its type.
func TestPickled(t *testing.T) {
	djangos := testenv.Djangos(t)
	i := slices.IndexFunc(djangos, func(d testenv.Django) bool { return d.Name == "4.2" }) // the last with pickles
	const serializer = `
from django.contrib.sessions.serializers import PickleSerializer

class Serializer(PickleSerializer):
    def dumps(self, obj):
        import datetime, decimal
        obj.update(t=(1, 2), l=[{1: 2}], d=decimal.Decimal("1.5"), w=datetime.date(2026, 1, 2))
        return super().dumps(obj)
`
	p := start(t, djangos[i], djangos[i].Project(t, `SESSION_SERIALIZER = "mysite.pickled.Serializer"`, map[string]string{"mysite/pickled.py": serializer}))
	key := call[made](t, p, "session_create", args{"data": args{"n": 1}}).Key
	got := call[loaded](t, p, "session_load", args{"key": key})
	want := map[string]string{"t": "tuple", "l": "list", "d": "decimal.Decimal", "w": "datetime.date"}
	if got.Data != `{"n": 1}` || !maps.Equal(got.Others, want) {
		t.Errorf("%+v", got)
	}
}
