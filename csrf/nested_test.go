package csrf_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/csrfctx"
)

// named makes a site whose cookies have names of their own.
func named(t *testing.T, name string, change func(*django.Settings)) *site {
	return newSite(t, func(s *django.Settings) {
		s.SessionCookieName, s.CSRFCookieName = "sessionid"+name, "csrftoken"+name
		if change != nil {
			change(s)
		}
	})
}

// Sites whose middlewares are nested keep their secrets apart: each gives tokens of
// its own and rotates its own.
func TestNestedSites(t *testing.T) {
	for name, change := range map[string]func(*django.Settings){"cookies": nil, "sessions": inSessions} {
		t.Run(name, func(t *testing.T) {
			a, b := named(t, "A", change), named(t, "B", change)
			cookies := map[string]string{}
			send := func(method, header string, h http.HandlerFunc) int {
				r := httptest.NewRequest(method, "/", nil)
				for name, value := range cookies {
					r.AddCookie(&http.Cookie{Name: name, Value: value})
				}
				r.Header.Set("X-CSRFToken", header)
				w := httptest.NewRecorder()
				a.handler(b.handler(h).ServeHTTP).ServeHTTP(w, r)
				for _, c := range w.Result().Cookies() {
					cookies[c.Name] = c.Value
				}
				return w.Code
			}
			secrets := func() (ofA, ofB string) {
				check(t, "status", send("GET", "", func(_ http.ResponseWriter, r *http.Request) {
					tokenA, err := a.Token(r)
					must(t, err)
					tokenB, err := b.Token(r)
					must(t, err)
					ofA, ofB = secretOf(tokenA), secretOf(tokenB)
				}), 200)
				return ofA, ofB
			}
			ofA, ofB := secrets()
			check(t, "secrets are the same", ofA == ofB, false)
			if again, too := secrets(); again != ofA || too != ofB {
				t.Errorf("the secrets change: %q and %q, then %q and %q", ofA, ofB, again, too)
			}
			for _, c := range []struct {
				rotate func(*http.Request)
				a, b   bool
			}{
				{func(r *http.Request) { csrfctx.From(r.Context(), a.sessions).RotateToken() }, true, false}, // as a login
				{func(r *http.Request) { csrfctx.From(r.Context(), b.sessions).RotateToken() }, false, true},
				{a.RotateToken, true, false},
				{b.RotateToken, false, true},
			} {
				send("GET", "", func(_ http.ResponseWriter, r *http.Request) { c.rotate(r) })
				newA, newB := secrets()
				if (newA != ofA) != c.a || (newB != ofB) != c.b {
					t.Errorf("rotated: A %v, B %v; want %v, %v", newA != ofA, newB != ofB, c.a, c.b)
				}
				ofA, ofB = newA, newB
			}
			// Both want to see a token of their own, and there is one header.
			check(t, "status with a token of A", send("POST", ofA, ok), 403)
			check(t, "status with a token of B", send("POST", ofB, ok), 403)
		})
	}
}

// A site outside another is found from within it, not from beside it.
func TestOtherSite(t *testing.T) {
	a, b := named(t, "A", nil), named(t, "B", nil)
	a.serve(httptest.NewRequest("GET", "/", nil), func(_ http.ResponseWriter, r *http.Request) {
		if token, err := b.Token(r); token != "" || err != csrf.ErrNoMiddleware {
			t.Errorf("Token: %q, %v", token, err)
		}
		if input, err := b.Input(r); input != "" || err != csrf.ErrNoMiddleware {
			t.Errorf("Input: %q, %v", input, err)
		}
		b.RotateToken(r) // does nothing
	})
}

// Two protections of one site share its secret, and check a request once; what the
// outer one exempts, the inner one checks.
func TestTwoProtectionsOfASite(t *testing.T) {
	for name, change := range map[string]func(*django.Settings){"cookie": nil, "session": inSessions} {
		t.Run(name, func(t *testing.T) {
			checks := 0
			st := newSite(t, change, csrf.WithExempt(func(r *http.Request) bool {
				checks++
				return r.URL.Path == "/api"
			}))
			inner, err := csrf.New(st.sessions, csrf.WithExempt(func(r *http.Request) bool {
				checks++
				return false
			}), csrf.WithErrorHandler(func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusTeapot) }))
			must(t, err)
			cookies := map[string]string{}
			send := func(method, path, header string, h http.HandlerFunc) int {
				r := httptest.NewRequest(method, path, nil)
				for name, value := range cookies {
					r.AddCookie(&http.Cookie{Name: name, Value: value})
				}
				r.Header.Set("X-CSRFToken", header)
				w := httptest.NewRecorder()
				st.handler(inner.Middleware(h).ServeHTTP).ServeHTTP(w, r)
				for _, c := range w.Result().Cookies() {
					cookies[c.Name] = c.Value
				}
				return w.Code
			}
			var outer, innermost string
			form := func(_ http.ResponseWriter, r *http.Request) {
				csrfctx.From(r.Context(), st.sessions).RotateToken() // as a login
				var err error
				outer, err = st.Token(r)
				must(t, err)
				innermost, err = inner.Token(r)
				must(t, err)
			}
			check(t, "status", send("GET", "/", "", form), 200)
			check(t, "the secret", secretOf(innermost), secretOf(outer))
			check(t, "status of a form", send("POST", "/", outer, ok), 200)
			check(t, "how often it was checked", checks, 1)
			check(t, "status of a bad form", send("POST", "/", wrong, ok), 403)
			check(t, "status at the inner one", send("POST", "/api", innermost, ok), 200)
			check(t, "status of a bad form there", send("POST", "/api", wrong, ok), http.StatusTeapot)
		})
	}
}
