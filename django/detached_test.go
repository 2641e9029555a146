package django_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/djsession/djsession/django"
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

// What keeps the session of an Update and changes it later changes nothing that is saved.
func TestSessionKeptFromAnUpdate(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	var kept *django.Session
	st.store.once("Save", func() error {
		kept.Delete("a")
		return nil
	})
	s := st.load(validKey)
	must(t, st.Update(t.Context(), validKey, func(s *django.Session) error {
		kept = s
		return s.Set("b", 1)
	}))
	check(t, "what is stored", st.data(validKey), `{"a":1,"b":1}`)
	check(t, "what was loaded", jsonOf(t, s), `{"a":1}`)
}
