package django_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/djsession/djsession/django"
)

// Renew that was dropped is not stored under the old key.
func TestDroppedRenewalIsNotStored(t *testing.T) {
	for _, conflict := range []bool{false, true} {
		st := newSite(t, nil)
		st.put(validKey, `{"a":1}`)
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", "sessionid="+validKey)
		h := st.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s := st.get(r)
			must(t, s.Renew("h", "new"))
			if _, _, err := http.NewResponseController(w).Hijack(); err != nil {
				t.Error(err)
			}
			if conflict {
				st.meanwhile(validKey, func(u *django.Session) { must(t, u.Set("o", 1)) })
			}
			must(t, st.UpdateRequest(r, func(u *django.Session) error { return u.Set("x", 1) }))
		}))
		h.ServeHTTP(hijackable{httptest.NewRecorder(), func() {}}, r)
		if d := st.data(validKey); d != `{"a":1,"x":1}` && d != `{"a":1,"o":1,"x":1}` {
			t.Errorf("conflict %v: stored %s: the dropped renewal is stored under the old key", conflict, d)
		}
	}
}
