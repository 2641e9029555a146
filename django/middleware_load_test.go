package django_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
)

func TestGetWithoutMiddleware(t *testing.T) {
	st, other := newSite(t, nil), newSite(t, nil)
	r := httptest.NewRequest("GET", "/", nil)
	if s, err := st.Get(r); s != nil || !errors.Is(err, django.ErrNoMiddleware) {
		t.Errorf("Get gave %v, %v", s, err)
	}
	// Another site's middleware is none.
	other.serve("", func(_ http.ResponseWriter, r *http.Request) {
		if _, err := st.Get(r); !errors.Is(err, django.ErrNoMiddleware) {
			t.Error(err)
		}
	})
}

// The session is loaded once, by the first Get, also from a derived request; no
// cookie is no query.
// otherKey is what another middleware puts into the context.
type otherKey struct{}

func TestLoadedOnce(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) {
		check(t, "calls before Get", st.store.count(), "")
		first := st.get(r)
		second := st.get(r.WithContext(context.WithValue(r.Context(), otherKey{}, 1)))
		if first != second {
			t.Error("two sessions for one request")
		}
	})
	check(t, "calls", st.store.count(), "Load")
	st.serve(validKey, func(http.ResponseWriter, *http.Request) {})
	st.serve("", func(_ http.ResponseWriter, r *http.Request) { st.get(r).Get("a") })
	st.serve("short", func(_ http.ResponseWriter, r *http.Request) { st.get(r).Get("a") })
	check(t, "calls for nothing", st.store.count(), "")
	st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) { must(t, st.get(r).Set("b", 1)) })
	check(t, "calls for a change", st.store.count(), "Load Save")
}

// With WithUnreadableAsEmpty a tampered session is empty under the same key, with a
// warning, as for Django; its row is untouched unless something is set.
func TestTamperedSession(t *testing.T) {
	st := newSite(t, nil, django.WithUnreadableAsEmpty())
	st.putText(validKey, "tampered")
	w := st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) { check(t, "its length", st.get(r).Len(), 0) })
	check(t, "the status", w.Code, 200)
	check(t, "Set-Cookie", w.Header().Get("Set-Cookie"), "")
	check(t, "the text", st.text(validKey), "tampered")
	if !strings.Contains(st.logs.String(), "level=WARN") {
		t.Errorf("the log is %q", st.logs)
	}
	st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) { must(t, st.get(r).Set("b", 1)) })
	check(t, "the data", st.data(validKey), `{"b":1}`)
}

// Two sites' sessions can live side by side in one program.
func TestNestedSites(t *testing.T) {
	shop := newSite(t, nil)
	admin := newSite(t, func(s *django.Settings) { s.SessionCookieName = "admin" })
	w := httptest.NewRecorder()
	shop.Middleware(admin.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		must(t, shop.get(r).Set("site", "shop"))
		must(t, admin.get(r).Set("site", "admin"))
	}))).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	check(t, "cookies", len(w.Result().Cookies()), 2)
	check(t, "shop", shop.data(shop.keys()[0]), `{"site":"shop"}`)
	check(t, "admin", admin.data(admin.keys()[0]), `{"site":"admin"}`)
}
