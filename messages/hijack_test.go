package messages_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/djsession/djsession/django"
)

// A hijacked connection gets the cookie in the header that its handler sends.
func TestHijack(t *testing.T) {
	st := newSite(t, nil)
	res := visitServer(t, st, func(w http.ResponseWriter, r *http.Request) {
		add(t, st)(w, r)
		conn, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprint(buf, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n")
		_ = w.Header().Write(buf)
		fmt.Fprint(buf, "\r\n")
		_ = buf.Flush()
	})
	check(t, "status", res.StatusCode, 101)
	check(t, "afterwards", st.showing(t, res.Header["Set-Cookie"]), "added")
	check(t, "log", st.logs.String(), "")
}

// If the connection cannot be hijacked, because the session needs a cookie, the answer
// stores the messages once.
func TestRefusedHijack(t *testing.T) {
	for _, storage := range []string{sessionStorage, cookieStorage, fallbackStorage} {
		st := newSite(t, in(storage))
		res := visitServer(t, st, func(w http.ResponseWriter, r *http.Request) {
			s, err := st.sessions.Get(r)
			if err == nil {
				err = s.Set("cart", 1)
			}
			if err != nil {
				t.Error(err)
			}
			add(t, st)(w, r)
			if _, _, err := http.NewResponseController(w).Hijack(); !errors.Is(err, django.ErrHeadersSent) {
				t.Errorf("error %v", err)
			}
			w.WriteHeader(http.StatusOK)
		})
		check(t, "status", res.StatusCode, 200)
		check(t, "afterwards", st.showing(t, res.Header["Set-Cookie"]), "added")
		check(t, "log", st.logs.String(), "")
	}
}

func visitServer(t *testing.T, st *site, h http.HandlerFunc) *http.Response {
	t.Helper()
	server := httptest.NewServer(st.handler(h))
	defer server.Close()
	res, err := http.Get(server.URL)
	must(t, err)
	must(t, res.Body.Close())
	return res
}
