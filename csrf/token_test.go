package csrf_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/django"
)

func TestWithoutMiddleware(t *testing.T) {
	st := newSite(t, nil)
	r := httptest.NewRequest("GET", "/", nil)
	if token, err := st.Token(r); token != "" || !errors.Is(err, csrf.ErrNoMiddleware) || !errors.Is(err, django.ErrNoMiddleware) {
		t.Errorf("Token: %q, %v", token, err)
	}
	if input, err := st.Input(r); input != "" || !errors.Is(err, csrf.ErrNoMiddleware) {
		t.Errorf("Input: %q, %v", input, err)
	}
	st.RotateToken(r) // does nothing
}

// Each token is another text of the same secret, which is the cookie's.
func TestTokensOfARequest(t *testing.T) {
	for _, version := range []string{"2.2", "3.2", "4.0", "4.1", "6.1"} {
		st := newSite(t, func(s *django.Settings) { s.DjangoVersion = version })
		seen := map[string]bool{}
		secret := ""
		w := st.serve(httptest.NewRequest("GET", "/", nil), func(_ http.ResponseWriter, r *http.Request) {
			for range 50 {
				token, err := st.Token(r)
				must(t, err)
				if got := secretOf(token); secret == "" {
					secret = got
				} else if got != secret {
					t.Errorf("tokens of %q and %q", got, secret)
				}
				seen[token[:32]] = true
				seen[token[32:]] = true
			}
		})
		check(t, "different halves", len(seen), 100)
		cookies := w.Result().Cookies()
		check(t, "cookies", len(cookies), 1)
		check(t, "the cookie's secret", secretOf(cookies[0].Value), secret)
		want := 32
		if version < "4.1" {
			want = 64
		}
		check(t, "the cookie's length in "+version, len(cookies[0].Value), want)
	}
}

// Every character is as likely as any other: a remainder of bytes would favour
// the first eight by a quarter.
func TestRandomIsFair(t *testing.T) {
	st := newSite(t, nil)
	counts := map[rune]int{}
	const n = 3000
	st.serve(httptest.NewRequest("GET", "/", nil), func(_ http.ResponseWriter, r *http.Request) {
		for range n {
			token, err := st.Token(r)
			must(t, err)
			for _, c := range token[:32] { // the mask
				counts[c]++
			}
		}
	})
	check(t, "characters", len(counts), len(alphabet))
	expected := float64(n*32) / float64(len(alphabet))
	squares := 0.0
	for _, got := range counts {
		squares += (float64(got) - expected) * (float64(got) - expected) / expected
	}
	// Of 61 degrees of freedom: by chance once in some hundred million runs.
	if squares > 140 {
		t.Errorf("chi-square %.0f: %v", squares, counts)
	}
}

// Goroutines of a handler share one secret, and may rotate it.
func TestConcurrentTokens(t *testing.T) {
	for _, change := range []func(*django.Settings){nil, inSessions} {
		for _, rotate := range []bool{false, true} {
			st := newSite(t, change)
			var mu sync.Mutex
			secrets := map[string]bool{}
			w := st.serve(httptest.NewRequest("GET", "/", nil), func(w http.ResponseWriter, r *http.Request) {
				var all sync.WaitGroup
				for i := range 20 {
					all.Go(func() {
						if rotate && i%5 == 0 {
							st.RotateToken(r)
						}
						if i == 10 {
							w.WriteHeader(200)
						}
						token, err := st.Token(r)
						if err != nil {
							t.Error(err)
						}
						mu.Lock()
						defer mu.Unlock()
						secrets[secretOf(token)] = true
					})
				}
				all.Wait()
			})
			if !rotate {
				check(t, "secrets", len(secrets), 1)
			}
			cookies := w.Result().Cookies()
			if change == nil && len(cookies) == 1 && !rotate && !secrets[cookies[0].Value] {
				t.Error("the cookie has another secret")
			}
		}
	}
}

// A login's rotation makes the forms of before worthless, and the new form works.
func TestRotateToken(t *testing.T) {
	for _, change := range []func(*django.Settings){nil, inSessions} {
		st := newSite(t, change)
		jar := map[string]string{}
		send := func(method, token string, h http.HandlerFunc) *httptest.ResponseRecorder {
			r := httptest.NewRequest(method, "/", nil)
			var cookies []string
			for name, value := range jar {
				cookies = append(cookies, name+"="+value)
			}
			r.Header.Set("Cookie", strings.Join(cookies, "; "))
			r.Header.Set("X-CSRFToken", token)
			w := st.serve(r, h)
			for _, c := range w.Result().Cookies() {
				jar[c.Name] = c.Value
			}
			return w
		}
		before := tokenOf(t, send("GET", "", st.page).Body.String())
		after := ""
		login := send("POST", before, func(_ http.ResponseWriter, r *http.Request) {
			st.RotateToken(r)
			var err error
			after, err = st.Token(r)
			must(t, err)
		})
		check(t, "status of the login", login.Code, 200)
		check(t, "status of the form before", send("POST", before, ok).Code, 403)
		check(t, "status of the form after", send("POST", after, ok).Code, 200)
	}
}

// A request that was derived from one in the middleware is still that one; one
// that the middleware handles twice is protected once.
func TestDerivedAndNested(t *testing.T) {
	type key struct{}
	st := newSite(t, nil)
	outer := ""
	w := httptest.NewRecorder()
	inner := st.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, err := st.Token(r.WithContext(context.WithValue(r.Context(), key{}, 1)))
		must(t, err)
		outer = token
	}))
	st.handler(inner.ServeHTTP).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	cookies := w.Result().Cookies()
	check(t, "cookies", len(cookies), 1)
	check(t, "the cookie", cookies[0].Value, secretOf(outer))

	r := post("csrftoken=x", "") // a cookie that both would replace
	r.Method = "GET"
	w = httptest.NewRecorder()
	st.handler(inner.ServeHTTP).ServeHTTP(w, r)
	cookies = w.Result().Cookies()
	check(t, "cookies in place of one", len(cookies), 1)
	check(t, "the new cookie", cookies[0].Value, secretOf(outer))
}
