package django_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
)

// A session cookie that the handler sets itself is the only one in the response,
// and no second one deletes it.
func TestForeignCookieIsLeftAlone(t *testing.T) {
	const own = "sessionid=upstream; Path=/; HttpOnly"
	for name, do := range map[string]func(*http.Request, *django.Session){
		"untouched": nil,
		"read":      func(_ *http.Request, s *django.Session) { s.Get("a") },
		"set":       func(_ *http.Request, s *django.Session) { _ = s.Set("b", 1) },
		"flush":     func(r *http.Request, s *django.Session) { _ = s.Flush(r.Context()) },
		"clear":     func(_ *http.Request, s *django.Session) { s.Clear() },
	} {
		for _, cookie := range []string{"", "short", unknownKey, validKey} {
			for _, every := range []bool{false, true} {
				st := newSite(t, func(s *django.Settings) { s.SessionSaveEveryRequest = every })
				st.put(validKey, `{"a":1}`)
				w := st.serve(cookie, func(w http.ResponseWriter, r *http.Request) {
					if do != nil {
						do(r, st.get(r))
					}
					w.Header().Add("Set-Cookie", "other=1")
					w.Header().Add("Set-Cookie", own)
				})
				check(t, "the status", w.Code, 200)
				if got := w.Header().Values("Set-Cookie"); !slices.Equal(got, []string{"other=1", own}) {
					t.Errorf("%s with %q: the cookies are %q", name, cookie, got)
				}
			}
		}
	}
}

// Nothing may be stored under a key that the browser is never told: a session
// that needs a new cookie cannot be saved beside a foreign one, and that is
// logged.
func TestForeignCookieAndANewKey(t *testing.T) {
	for name, do := range map[string]func(*django.Session){
		"created": func(s *django.Session) { _ = s.Set("b", 1) },
		"cycled":  (*django.Session).CycleKey,
	} {
		t.Run(name, func(t *testing.T) {
			st := newSite(t, nil)
			cookie := ""
			if name == "cycled" {
				cookie = validKey
			}
			st.put(validKey, `{"a":1}`)
			w := st.serve(cookie, func(w http.ResponseWriter, r *http.Request) {
				do(st.get(r))
				// A Django under SESSION_SAVE_EVERY_REQUEST sends the key it knows.
				w.Header().Set("Set-Cookie", "sessionid="+validKey+"; Path=/")
			})
			check(t, "the status", w.Code, 200)
			if keys := st.keys(); len(keys) != 1 || keys[0] != validKey {
				t.Errorf("%d sessions; the browser's is there: %v", len(keys), slices.Contains(keys, validKey))
			}
			if !strings.Contains(st.logs.String(), "level=ERROR") {
				t.Error("that the change was lost was not logged")
			}
		})
	}
}

// upstream is a server that a reverse proxy speaks to, and the site in front.
func upstream(t *testing.T, st *site, h http.HandlerFunc, before func(*http.Request)) *httptest.Server {
	t.Helper()
	back := httptest.NewServer(h)
	t.Cleanup(back.Close)
	to, err := url.Parse(back.URL)
	must(t, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }}
	front := httptest.NewServer(st.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if before != nil {
			before(r)
		}
		proxy.ServeHTTP(w, r)
	})))
	t.Cleanup(front.Close)
	return front
}

func request(t *testing.T, url, key string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	must(t, err)
	if key != "" {
		r.Header.Set("Cookie", "sessionid="+key)
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	must(t, err)
	t.Cleanup(func() { res.Body.Close() })
	return res
}

// An upstream that cycled the key while Go changed the session: its answer
// survives, and the login with it.
func TestProxiedDjangoCyclesTheKey(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	front := upstream(t, st, func(w http.ResponseWriter, r *http.Request) {
		st.db.MustExec("UPDATE django_session SET session_key = ?", unknownKey)
		w.Header().Set("Set-Cookie", "sessionid="+unknownKey+"; Path=/")
		http.Redirect(w, r, "/account", http.StatusFound)
	}, func(r *http.Request) { must(t, st.get(r).Set("b", 1)) })
	res := request(t, front.URL, validKey)
	check(t, "the status", res.StatusCode, http.StatusFound)
	check(t, "Location", res.Header.Get("Location"), "/account")
	check(t, "Set-Cookie", fmt.Sprint(res.Header["Set-Cookie"]), "[sessionid="+unknownKey+"; Path=/]")
	check(t, "what is stored", st.data(unknownKey), `{"a":1}`)
	if !strings.Contains(st.logs.String(), "level=ERROR") {
		t.Error("that the change was lost was not logged")
	}
}

// An upstream that changed the session without a new cookie is merged with.
func TestProxiedDjangoChangesTheSession(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	front := upstream(t, st, func(w http.ResponseWriter, r *http.Request) {
		st.put(validKey, `{"a":1,"django":1}`)
		w.Header().Set("Set-Cookie", "sessionid="+validKey+"; Path=/; Max-Age=5")
	}, func(r *http.Request) { must(t, st.get(r).Set("go", 1)) })
	res := request(t, front.URL, validKey)
	check(t, "Set-Cookie", fmt.Sprint(res.Header["Set-Cookie"]), "[sessionid="+validKey+"; Path=/; Max-Age=5]")
	check(t, "what is stored", st.data(validKey), `{"a":1,"django":1,"go":1}`)
}

// A failure while a proxy is at work is answered, not cut off.
func TestProxyAndStoreFailure(t *testing.T) {
	st := newSite(t, nil)
	st.store.fail("Load", errDown)
	front := upstream(t, st, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, strings.Repeat("data: x\n\n", 10_000))
	}, func(r *http.Request) { _, _ = st.Get(r) })
	res := request(t, front.URL, validKey)
	check(t, "the status", res.StatusCode, http.StatusServiceUnavailable)
	check(t, "the body", body(t, res), "Service Unavailable\n")
}
