package cookiestore_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/djsession/djsession/cookiestore"
	"github.com/djsession/djsession/django"
)

// FuzzSessionCookie sends any cookie. Only one that is signed has data, and none makes a request
// fail.
func FuzzSessionCookie(f *testing.F) {
	now := time.Unix(1700000000, 0)
	ss, err := django.New(settings(), cookiestore.New(), django.WithClock(func() time.Time { return now }),
		django.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		f.Fatal(err)
	}
	signed := map[string]bool{}
	for _, value := range []any{1, "text", []any{}} {
		s := ss.NewSession()
		if err := errors.Join(s.Set("a", value), s.Save(f.Context())); err != nil {
			f.Fatal(err)
		}
		signed[s.Key()] = true
		f.Add(s.Key())
		f.Add(s.Key()[1:])
		f.Add("." + s.Key())
	}
	for _, key := range []string{"", ":", "::", "abcdefghijklmnopqrstuvwxyz012345", ".eJw:1r3BeG:xxxx", "\"a\\\"b:c:d\""} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		rec, err := ss.Store().Load(t.Context(), key, now)
		if err != nil && !errors.Is(err, django.ErrNotFound) {
			t.Fatal(err)
		}
		if has := err == nil && rec.Corrupt == nil; has != signed[key] {
			t.Fatalf("signed: %t; Load: %v, %v", signed[key], err, rec.Corrupt)
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", "sessionid="+key)
		w := httptest.NewRecorder()
		ss.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			s, err := ss.Get(r)
			if err != nil || s.Len() > 0 && !signed[s.Key()] {
				t.Fatalf("%v, %d values", err, s.Len())
			}
		})).ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("status %d", w.Code)
		}
	})
}
