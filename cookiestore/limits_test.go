package cookiestore_test

import (
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/djsession/djsession/cookiestore"
	"github.com/djsession/djsession/django"
)

// noise is text that does not get smaller by compression.
func noise(n int) string {
	b := make([]byte, (n+1)/2)
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return hex.EncodeToString(b)[:n]
}

// TestLargestCookie: a session is saved as long as its cookie has at most 4,096 bytes, with the
// attributes that the site's settings give it; a larger one is an error that says how large, and
// the browser keeps its cookie.
func TestLargestCookie(t *testing.T) {
	plain, full := settings(), settings()
	full.SessionCookieName, full.SessionCookieDomain, full.SessionCookiePath = "__Secure-the-session-of-the-shop", "shop.example.com", "/a/long/path/"
	full.SessionCookieSecure = true
	for name, set := range map[string]django.Settings{"defaults": plain, "all attributes": full} {
		ss := open(t, set)
		longest, refused := 0, 0
		for n := 5000; n < 6500; n += 11 {
			value := noise(n)
			w := httptest.NewRecorder()
			var saveErr error
			ss.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				s, err := ss.Get(r)
				if err == nil {
					err = errors.Join(s.Set("a", value), s.Save(r.Context()))
				}
				saveErr = err
				if err != nil {
					ss.HandleError(w, r, err)
				}
			})).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
			line := w.Result().Header.Get("Set-Cookie")
			switch {
			case saveErr == nil && len(line) > 0 && len(line) <= cookiestore.MaxCookie && refused == 0:
				longest = len(line)
			case errors.Is(saveErr, cookiestore.ErrTooLarge) && line == "" && w.Code == http.StatusInternalServerError:
				refused++
				if text := saveErr.Error(); !strings.Contains(text, strconv.Itoa(cookiestore.MaxCookie)) || strings.Contains(text, value[:50]) {
					t.Fatalf("%s: %v", name, saveErr)
				}
			case refused == 0:
				t.Fatalf("%s: %d bytes: status %d, a cookie of %d bytes, %v", name, n, w.Code, len(line), saveErr)
			}
		}
		if refused == 0 || longest < cookiestore.MaxCookie-30 {
			t.Errorf("%s: the longest cookie has %d bytes, %d were refused", name, longest, refused)
		}
	}
}

// TestTooLargeChange: a change that does not fit leaves the browser the old cookie.
func TestTooLargeChange(t *testing.T) {
	ss := open(t, settings())
	s := ss.NewSession()
	if err := errors.Join(s.Set("a", 1), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(&http.Cookie{Name: "sessionid", Value: s.Key()})
	w := httptest.NewRecorder()
	ss.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		s, err := ss.Get(r)
		if err := errors.Join(err, s.Set("b", noise(9000))); err != nil {
			t.Error(err)
		}
	})).ServeHTTP(w, r)
	if w.Code != http.StatusInternalServerError || len(w.Result().Cookies()) != 0 {
		t.Errorf("status %d, %d cookies", w.Code, len(w.Result().Cookies()))
	}
	if _, err := ss.Load(t.Context(), s.Key()); err != nil {
		t.Error(err)
	}
}
