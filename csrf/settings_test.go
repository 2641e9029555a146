package csrf_test

import (
	"net/http/httptest"
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
