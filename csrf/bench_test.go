package csrf_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
)

func BenchmarkMiddleware(b *testing.B) {
	st := newSite(b, nil)
	token := func(_ http.ResponseWriter, r *http.Request) { _, _ = st.Token(r) }
	for _, c := range []struct {
		name, method string
		handler      http.HandlerFunc
	}{{"GET", "GET", ok}, {"GET with a token", "GET", token}, {"POST by header", "POST", ok}} {
		b.Run(c.name, func(b *testing.B) {
			h := st.Middleware(c.handler)
			r := httptest.NewRequest(c.method, "/", nil)
			r.Header.Set("Cookie", cookieHeader)
			r.Header.Set("X-CSRFToken", masked)
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}

func BenchmarkTrustedOrigins(b *testing.B) {
	st := newSite(b, func(s *django.Settings) {
		s.CSRFTrustedOrigins = append(slices.Repeat([]string{"https://*.a.example"}, 9), "https://*.b.example")
	})
	h := st.handler(ok)
	r := httptest.NewRequest("PUT", "https://example.com/", nil)
	r.Header.Set("Cookie", cookieHeader)
	r.Header.Set("X-CSRFToken", masked)
	r.Header.Set("Origin", "https://x.b.example")
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
}

func BenchmarkUpload(b *testing.B) {
	body, kind := multipartForm(b, part{"csrfmiddlewaretoken", "", masked}, part{"f", "f.bin", strings.Repeat("x", 2<<20)})
	h := newSite(b, nil).handler(ok)
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), postBody(bytes.NewReader(body), kind))
	}
}
