package csrf_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
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
