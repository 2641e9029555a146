package cookiestore_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/djsession/djsession/cookiestore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// large returns a cookie of Django's that is longer than MaxCookie with its attributes, and
// that browsers keep which do not count those.
func large(t *testing.T) string {
	t.Helper()
	codec, err := django.NewCodec(settings(), nil)
	if err == nil {
		codec, err = codec.WithSalt("django.contrib.sessions.backends.signed_cookies")
	}
	if err != nil {
		t.Fatal(err)
	}
	d, err := serializer.JSON.Loads([]byte(`{"a":1,"large":"` + noise(6000) + `"}`))
	if err != nil {
		t.Fatal(err)
	}
	text, err := codec.Encode(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestLargeCookieOfDjango: a session that the browser keeps although it is too large can be used, and
// saved as long as it does not get larger.
func TestLargeCookieOfDjango(t *testing.T) {
	key := large(t)
	if len(key) <= cookiestore.MaxCookie {
		t.Fatalf("the cookie has %d bytes", len(key))
	}
	for name, c := range map[string]struct {
		key    string
		change func(s *django.Session) error
		every  bool
		status int
		cookie bool
	}{
		"read":             {key, func(*django.Session) error { return nil }, false, 200, false},
		"read, every":      {key, func(*django.Session) error { return nil }, true, 200, true},
		"same size":        {key, func(s *django.Session) error { return s.Set("a", 1) }, false, 200, true},
		"smaller":          {key, func(s *django.Session) error { s.Delete("large"); return nil }, false, 200, true},
		"larger":           {key, func(s *django.Session) error { return s.Set("b", noise(40)) }, false, 500, false},
		"larger, in every": {key, func(s *django.Session) error { return s.Set("b", noise(40)) }, true, 500, false},
		"not signed":       {"x" + key + key, func(s *django.Session) error { return s.Set("b", noise(7000)) }, false, 500, false},
	} {
		set := settings()
		set.SessionSaveEveryRequest = c.every
		ss := open(t, set)
		r := httptest.NewRequest("GET", "/", nil)
		r.AddCookie(&http.Cookie{Name: "sessionid", Value: c.key})
		w := httptest.NewRecorder()
		ss.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			s, err := ss.Get(r)
			if err != nil || s.Has("a") != (c.key == key) {
				t.Fatalf("%s: %v", name, err)
			}
			if err := c.change(s); err != nil {
				t.Error(err)
			}
		})).ServeHTTP(w, r)
		if w.Code != c.status || (w.Result().Header.Get("Set-Cookie") != "") != c.cookie {
			t.Errorf("%s: status %d, %d cookies", name, w.Code, len(w.Result().Cookies()))
		}
	}
}

// TestTooLargeUpdate: an update that makes the session too large fails alone, not the request.
func TestTooLargeUpdate(t *testing.T) {
	ss := open(t, settings())
	w := httptest.NewRecorder()
	ss.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		err := ss.UpdateRequest(r, func(s *django.Session) error { return s.Set("large", noise(9000)) })
		if !errors.Is(err, cookiestore.ErrTooLarge) || !errors.Is(err, django.ErrTooLarge) {
			t.Errorf("%v", err)
		}
		s, err := ss.Get(r)
		if err == nil {
			err = s.Set("a", 1)
		}
		if err != nil {
			t.Error(err)
		}
	})).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusOK || len(w.Result().Cookies()) != 1 {
		t.Errorf("status %d, %d cookies", w.Code, len(w.Result().Cookies()))
	}
}
