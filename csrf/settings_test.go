package csrf_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
)

// A CSRF_HEADER_NAME that Django finds in no request, as it is not in the form of
// request.META, leaves the forms, which show their token in the body.
func TestHeaderNameThatNamesNoHeader(t *testing.T) {
	for _, name := range []string{"X-XSRF-TOKEN", "HTTP_X-XSRF-TOKEN", "HTTP_x_xsrf_token", "HTTP_", "X_XSRF_TOKEN", "CONTENT_LENGTH"} {
		st := newSite(t, func(s *django.Settings) { s.CSRFHeaderName = name })
		check(t, "a form under "+name, st.serve(post(cookieHeader, field+masked), ok).Code, 200)

		r := httptest.NewRequest("PUT", "/", nil)
		r.Header.Set("Cookie", cookieHeader)
		for _, header := range []string{"X-XSRF-TOKEN", "X-CSRFToken", name} {
			r.Header.Set(header, masked)
		}
		check(t, "a header under "+name, st.serve(r, ok).Code, 403)
	}
}

// Before Django 4.0 a host counts although an origin, which matches nothing, is beside it.
func TestTrustedHostBesideAnOrigin(t *testing.T) {
	st := newSite(t, func(s *django.Settings) {
		s.DjangoVersion, s.CSRFTrustedOrigins = "3.2", []string{"https://a.example", "b.example", ""}
	})
	for referer, want := range map[string]int{"https://a.example/": 403, "https://b.example/": 200, "https://c.example/": 403} {
		r := httptest.NewRequest("POST", "https://example.com/", strings.NewReader(field+masked))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", cookieHeader)
		r.Header.Set("Referer", referer)
		check(t, "status from "+referer, st.serve(r, ok).Code, want)
	}
}

// The trusted origins are split once, not for every request.
func TestManyTrustedOrigins(t *testing.T) {
	allocs := func(n int) float64 {
		st := newSite(t, func(s *django.Settings) {
			s.CSRFTrustedOrigins = append(slices.Repeat([]string{"https://*.a.example"}, n), "https://*.b.example")
		})
		h := st.handler(ok)
		r := httptest.NewRequest("PUT", "https://example.com/", nil)
		r.Header.Set("Cookie", cookieHeader)
		r.Header.Set("X-CSRFToken", masked)
		return testing.AllocsPerRun(100, func() {
			for _, name := range []string{"Origin", "Referer"} {
				delete(r.Header, "Origin")
				r.Header.Set(name, "https://x.b.example")
				w := httptest.NewRecorder()
				if h.ServeHTTP(w, r); w.Code != 200 {
					t.Error(w.Code)
				}
			}
		})
	}
	if one, many := allocs(1), allocs(100); many > one+2 {
		t.Errorf("%v allocations with one origin more, %v with 100", one, many)
	}
}
