package auth_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
)

// TestLoginOfNestedSites: where one site's middleware is inside another's, a login
// rotates the token of its own site only.
func TestLoginOfNestedSites(t *testing.T) {
	var sites []*site
	for _, name := range []string{"outer", "inner"} {
		sites = append(sites, newSite(t, func(set *django.Settings) {
			set.SessionCookieName, set.CSRFCookieName = "session-"+name, "token-"+name
		}))
	}
	outer, inner := sites[0], sites[1]
	for _, c := range []struct {
		s    *site
		want []string
	}{{outer, []string{"session-outer", "token-outer"}}, {inner, []string{"session-inner", "token-inner"}}} {
		h := outer.handler(inner.handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if err := c.s.logins.Login(r, c.s.user(t, "ann")); err != nil {
				t.Error(err)
			}
		})))
		r := httptest.NewRequest("GET", "/", nil)
		r.AddCookie(&http.Cookie{Name: "token-outer", Value: strings.Repeat("a", 32)})
		r.AddCookie(&http.Cookie{Name: "token-inner", Value: strings.Repeat("b", 32)})
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		var set []string
		for _, cookie := range w.Result().Cookies() {
			set = append(set, cookie.Name)
		}
		slices.Sort(set)
		if !slices.Equal(set, c.want) {
			t.Errorf("cookies %v, want %v", set, c.want)
		}
	}
}
