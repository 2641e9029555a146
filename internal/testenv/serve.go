package testenv

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// Serve serves h by HTTP/1.1, or by HTTP/2 over TLS, until the test ends.
func Serve(t testing.TB, http2 bool, h http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	if http2 {
		s.EnableHTTP2 = true
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

// EachProtocol runs a test for each of the protocols of Serve.
func EachProtocol(t *testing.T, test func(t *testing.T, http2 bool)) {
	t.Run("HTTP1", func(t *testing.T) { test(t, false) })
	t.Run("HTTP2", func(t *testing.T) { test(t, true) })
}
