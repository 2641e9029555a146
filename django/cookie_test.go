package django_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// cookieCase is the cookie that Django sends under some settings, for a session
// with an expiry of its own ("" is none), and how it has the cookie deleted.
type cookieCase struct {
	Settings map[string]any
	Expiry   string
	Saved    string
	Deleted  string
}

func (c cookieCase) apply(t *testing.T, s *django.Settings) {
	for name, v := range c.Settings {
		switch name {
		case "SESSION_COOKIE_NAME":
			s.SessionCookieName = v.(string)
		case "SESSION_COOKIE_DOMAIN":
			s.SessionCookieDomain = v.(string)
		case "SESSION_COOKIE_PATH":
			s.SessionCookiePath = v.(string)
		case "SESSION_COOKIE_SECURE":
			s.SessionCookieSecure = v.(bool)
		case "SESSION_COOKIE_HTTPONLY":
			s.SessionCookieHTTPOnly = v.(bool)
		case "SESSION_COOKIE_SAMESITE":
			name, _ := v.(string) // False is no attribute
			s.SessionCookieSameSite = django.SameSite(name)
		case "SESSION_COOKIE_AGE":
			s.SessionCookieAge = int64(v.(float64))
		case "SESSION_EXPIRE_AT_BROWSER_CLOSE":
			s.SessionExpireAtBrowserClose = v.(bool)
		default:
			t.Fatalf("unknown setting %s", name)
		}
	}
}

// value reads JSON as a value that Set takes as it is.
func value(t testing.TB, text string) serializer.Value {
	t.Helper()
	d, err := serializer.JSON.Loads([]byte(`{"v":` + text + `}`))
	must(t, err)
	v, _ := d.Get("v")
	return v
}

func TestCookieAttributesAreDjangos(t *testing.T) {
	sites := map[string]*site{}
	for i, c := range golden[cookieCase](t, "cookies.json") {
		if at := fmt.Sprint(c.Settings); sites[at] == nil {
			sites[at] = newSite(t, func(s *django.Settings) { c.apply(t, s) })
		}
		t.Run(fmt.Sprintf("%d/%v/%s", i, c.Settings, c.Expiry), func(t *testing.T) {
			st := sites[fmt.Sprint(c.Settings)]
			var key string
			w := st.serve("", func(_ http.ResponseWriter, r *http.Request) {
				s := st.get(r)
				must(t, s.Set("n", 1))
				if c.Expiry != "" {
					must(t, s.Set("_session_expiry", value(t, c.Expiry)))
				}
				must(t, s.Save(r.Context()))
				key = s.Key()
			})
			check(t, "the cookie", strings.ReplaceAll(w.Header().Get("Set-Cookie"), key, "KEY"), c.Saved)

			w = st.serve(key, func(_ http.ResponseWriter, r *http.Request) { must(t, st.get(r).Flush(r.Context())) })
			check(t, "its deletion", w.Header().Get("Set-Cookie"), c.Deleted)
		})
	}
}

// Of several cookies the last counts, and quotes are taken off as Python's
// http.cookies does.
func TestRequestCookie(t *testing.T) {
	tests := []struct {
		lines []string
		found bool
	}{
		{[]string{"sessionid=" + validKey}, true},
		{[]string{"  sessionid  =  " + validKey + "  "}, true},
		{[]string{`sessionid="` + validKey + `"`}, true},
		{[]string{`sessionid="\166alidvalidvalidvalidvalidvalid00"`}, true},
		{[]string{`sessionid="\validvalidvalidvalidvalidvalid00"`}, true},
		{[]string{`sessionid="` + validKey}, false},
		{[]string{"sessionid=" + unknownKey + ";sessionid=" + validKey}, true},
		{[]string{"sessionid=" + validKey + ";sessionid=" + unknownKey}, false},
		{[]string{"sessionid=" + validKey + "; sessionid="}, false},
		{[]string{"sessionid=" + unknownKey, "sessionid=" + validKey}, true},
		{[]string{"a=1; b=2", "c=3; sessionid=" + validKey + "; d"}, true},
		{[]string{"SESSIONID=" + validKey}, false},
		{[]string{"xsessionid=" + validKey}, false},
		{[]string{"sessionid"}, false},
	}
	st := newSite(t, nil)
	st.put(validKey, `{"n":1}`)
	for _, tt := range tests {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Cookie"] = tt.lines
		var found bool
		st.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			found = st.get(r).Has("n")
		})).ServeHTTP(httptest.NewRecorder(), r)
		check(t, fmt.Sprintf("%q found", tt.lines), found, tt.found)
	}
}

// Keys of hostile clients are keys that are not there, and those that cannot be
// one ask nothing of the database.
func TestHostileKeys(t *testing.T) {
	st := newSite(t, nil)
	for _, key := range []string{
		"' OR 1=1 --  ", "../../../../etc/passwd", "aaaaaaaa\x00aaaaaaaa", strings.Repeat("a", 10<<10),
		"éééé", "ééééééééé", "\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8", "%", "validvalid%",
	} {
		s, err := st.Load(t.Context(), key)
		if s != nil || err == nil || err.Error() != django.ErrNotFound.Error() {
			t.Errorf("a key of %d bytes: %v", len(key), err)
		}
		must(t, st.Delete(t.Context(), key))
		w := st.serve(key, func(_ http.ResponseWriter, r *http.Request) {
			if s := st.get(r); s.Key() != "" || s.Len() != 0 {
				t.Error("a session for a hostile key")
			}
			must(t, st.get(r).Set("n", 1))
		})
		check(t, "the status", w.Code, 200)
		if strings.Contains(w.Header().Get("Set-Cookie"), key) {
			t.Error("the client's own key came back")
		}
	}
	if slices.Contains(st.keys(), "validvalid%") {
		t.Error("a client's key was stored")
	}
}

// Vary is added to, as Django's patch_vary_headers does.
func TestVary(t *testing.T) {
	tests := []struct {
		have []string
		want string
	}{
		{nil, "Cookie"},
		{[]string{"Accept-Language"}, "Accept-Language, Cookie"},
		{[]string{"Accept-Language,  Accept-Encoding"}, "Accept-Language, Accept-Encoding, Cookie"},
		{[]string{"Accept-Language", "Accept-Encoding"}, "Accept-Language, Accept-Encoding, Cookie"},
		{[]string{"cookie"}, "cookie"},
		{[]string{"*"}, "*"},
		{[]string{"Accept-Language, *"}, "*"},
		{[]string{"Cookie, *"}, "*"},
		{[]string{""}, "Cookie"},
	}
	st := newSite(t, nil)
	for _, tt := range tests {
		w := st.serve("", func(w http.ResponseWriter, r *http.Request) {
			for _, line := range tt.have {
				w.Header().Add("Vary", line)
			}
			st.get(r)
		})
		check(t, fmt.Sprintf("Vary after %q", tt.have), strings.Join(w.Header().Values("Vary"), "; "), tt.want)
	}
}
