package cookiestore_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/cookiestore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/filestore"
)

// TestBadCookie: a cookie that is too old, or of another engine, is removed when the session is read.
// One with another signature is an empty session, which is logged and stays in the browser until
// something is saved, also under SESSION_SAVE_EVERY_REQUEST: the site may have signed it.
func TestBadCookie(t *testing.T) {
	other := settings()
	other.SecretKey = "another secret"
	old := time.Now().Add(-15 * 24 * time.Hour)
	for name, c := range map[string]struct {
		cookie           string
		removed, warning bool
	}{
		"too old":        {signed(t, settings(), django.WithClock(func() time.Time { return old })), true, false},
		"another engine": {strings.Repeat("a", 32), true, false},
		"another secret": {signed(t, other), false, true},
		"changed":        {signed(t, settings()) + "x", false, true},
		"good":           {signed(t, settings()), false, false},
	} {
		for _, every := range []bool{false, true} {
			for _, sets := range []bool{false, true} {
				var logs bytes.Buffer
				set := settings()
				set.SessionSaveEveryRequest = every
				ss := open(t, set, django.WithLogger(slog.New(slog.NewTextHandler(&logs, nil))))
				r := httptest.NewRequest("GET", "/", nil)
				r.AddCookie(&http.Cookie{Name: "sessionid", Value: c.cookie})
				w := httptest.NewRecorder()
				ss.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					s, err := ss.Get(r)
					if err == nil && s.Has("a") != (name == "good") {
						err = errors.New("it has the wrong data")
					}
					if err == nil && sets {
						err = s.Set("b", 2)
					}
					if err != nil {
						t.Errorf("%s: %v", name, err)
					}
				})).ServeHTTP(w, r)
				cookies := w.Result().Cookies()
				switch {
				case w.Code != http.StatusOK:
					t.Errorf("%s: status %d", name, w.Code)
				case sets, name == "good" && every:
					if len(cookies) != 1 {
						t.Fatalf("%s: %d cookies", name, len(cookies))
					}
					if s, err := ss.Load(t.Context(), cookies[0].Value); err != nil || s.Has("b") != sets {
						t.Errorf("%s: %v", name, err)
					}
				case len(cookies) > 0 != c.removed, c.removed && cookies[0].MaxAge >= 0:
					t.Errorf("%s, every request: %t: %d cookies", name, every, len(cookies))
				}
				if got := strings.Contains(logs.String(), "Session data corrupted"); got != c.warning || strings.Contains(logs.String(), c.cookie) {
					t.Errorf("%s: a warning is logged: %t", name, got)
				}
			}
		}
	}
}

// signed returns the cookie of a session.
func signed(t *testing.T, set django.Settings, opts ...django.Option) string {
	t.Helper()
	s := open(t, set, opts...).NewSession()
	if err := errors.Join(s.Set("a", 1), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	return s.Key()
}

// TestBadCookieByKey: whoever asks for a session by its key learns why there is none.
func TestBadCookieByKey(t *testing.T) {
	ss := open(t, settings())
	for key, want := range map[string]error{
		signed(t, settings()) + "x": django.ErrCorrupt, strings.Repeat("a", 32): django.ErrNotFound, "": django.ErrNotFound, "a:b": django.ErrNotFound,
	} {
		if _, err := ss.Load(t.Context(), key); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	for _, engine := range []string{django.EngineDB, django.EngineFile, django.EngineCache, django.EngineCachedDB} {
		set := settings()
		set.SessionEngine = engine
		if _, err := django.New(set, cookiestore.New()); err == nil {
			t.Errorf("it serves %s", engine)
		}
	}
}

// TestForeignEngines: the engines of other packages keep no sessions in cookies.
func TestForeignEngines(t *testing.T) {
	for engine, want := range map[string]bool{
		"qsessions.backends.db": false, "qsessions.backends.cached_db": false, "user_sessions.backends.db": false,
		"redis_sessions.session": false, django.EngineSignedCookies: true, "shop.sessions": true,
	} {
		for name, e := range map[string]django.Engine{"cookies": cookiestore.New(), "files": filestore.New("")} {
			if got := e.Serves(engine); got != (want && (name == "cookies" || engine != django.EngineSignedCookies)) {
				t.Errorf("%s serve %s: %t", name, engine, got)
			}
		}
	}
}
