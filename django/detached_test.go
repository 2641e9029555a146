package django_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
)

// The values of the server's context outlive the request, as they do without the
// middleware: what runs on afterwards logs with them.
func TestContextValuesAfterTheRequest(t *testing.T) {
	type trace struct{}
	st := newSite(t, nil)
	for _, asked := range []bool{false, true} {
		var after context.Context
		r := httptest.NewRequestWithContext(context.WithValue(t.Context(), trace{}, "id"), "GET", "/", nil)
		st.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			after = context.WithoutCancel(r.Context())
			if asked {
				r.Context().Done()
			}
		})).ServeHTTP(httptest.NewRecorder(), r)
		check(t, "the value", after.Value(trace{}), any("id"))
		check(t, "Err", after.Err(), nil)
	}
}
