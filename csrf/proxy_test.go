package csrf_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/djsession/djsession/csrf"
)

// A Django behind a route that is exempt gets the request as it came, and its
// cookie is the only one, even if this side would renew its own.
func TestProxiedDjango(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		must(t, err)
		http.SetCookie(w, &http.Cookie{Name: "csrftoken", Value: masked})
		_, _ = w.Write(text)
	}))
	defer upstream.Close()
	target, err := url.Parse(upstream.URL)
	must(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	st := newSite(t, nil, csrf.WithExempt(func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/admin/") }))
	s := st.server(false, proxy.ServeHTTP)
	body, kind := multipartForm(t, part{"a", "", "1"}, part{"f", "f.bin", strings.Repeat("x", 1<<20)})
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+"/admin/login/", strings.NewReader(string(body)))
	must(t, err)
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Cookie", "csrftoken=malformed") // which would be replaced
	res, err := s.Client().Do(req)
	must(t, err)
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	must(t, err)
	check(t, "bodies are equal", string(got) == string(body), true)
	check(t, "cookies", strings.Join(res.Header["Set-Cookie"], " | "), "csrftoken="+masked)
	check(t, "Vary", res.Header.Get("Vary"), "")
}
