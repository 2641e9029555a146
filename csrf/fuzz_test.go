package csrf_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/cookie"
)

// FuzzToken takes texts for what a cookie holds and what a header sends, in each
// version: a request passes if both are of the same secret, by another reckoning,
// and what the cookie is afterwards goes with the next token.
func FuzzToken(f *testing.F) {
	var sites []*site
	for _, version := range []string{"2.2", "4.0", "6.1"} {
		sites = append(sites, newSite(f, func(s *django.Settings) { s.DjangoVersion = version }))
	}
	f.Fuzz(func(t *testing.T, held, sent string) {
		for _, st := range sites {
			r := httptest.NewRequest("POST", "/", nil)
			r.Header["Cookie"] = []string{"csrftoken=" + held}
			r.Header["X-Csrftoken"] = []string{sent}
			value, _ := cookie.Get(r.Header, "csrftoken")
			secret, passed := secretOf(value), false
			w := httptest.NewRecorder()
			st.handler(func(_ http.ResponseWriter, r *http.Request) {
				passed = true
				token, err := csrf.Token(r)
				must(t, err)
				check(t, "the token's secret", secretOf(token), secret)
			}).ServeHTTP(w, r)
			if want := secret != "" && secret == secretOf(sent); passed != want {
				t.Fatalf("%q and %q: passed %v", held, sent, passed)
			}
			for _, c := range w.Result().Cookies() {
				if now := secretOf(c.Value); now == "" || secret != "" && now != secret {
					t.Fatalf("%q: the cookie is set to %q", held, c.Value)
				}
			}
			if log := st.logs.Take(); len(held) >= 32 && strings.Contains(log, held) || len(sent) >= 32 && strings.Contains(log, sent) {
				t.Fatalf("the log holds %q or %q:\n%s", held, sent, log)
			}
		}
	})
}
