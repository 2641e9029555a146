package django_test

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/serializer"
)

// FuzzSettings: what is accepted makes a site that reads its own sessions, whose
// cookie is one line with this name; and no error tells a secret.
func FuzzSettings(f *testing.F) {
	f.Add("6.1", "", "sessionid", "", "/", "Lax", int64(1209600), uint8(0), "")
	f.Add("2.2", "UTC", "a b", "example.com", "", "lax", int64(-1), uint8(1), "")
	f.Add("3.2.25", "America/Chicago", "__Host-x", "a;b", "/x", "", int64(1), uint8(2), "")
	f.Add("x", "Local", "", "\n", "/\x7f", "None", int64(0), uint8(9), "an-older-secret")
	f.Add("4.0", "../etc", "s", "", "/", "Strict", int64(math.MaxInt64), uint8(0), "x")
	f.Fuzz(func(t *testing.T, version, zone, name, domain, path, sameSite string, age int64, format uint8, fallback string) {
		s := testSettings()
		s.DjangoVersion, s.TimeZone, s.SessionFormat = version, zone, django.Format(format)
		s.SessionCookieName, s.SessionCookieDomain, s.SessionCookiePath = name, domain, path
		s.SessionCookieSameSite, s.SessionCookieAge = django.SameSite(sameSite), age
		if fallback != "" {
			s.SecretKeyFallbacks = []string{"fallback-" + fallback}
		}
		problem := s.Validate()
		ss, err := django.New(s, django.EngineFunc(func(django.Site) (django.Store, error) { return oneSession{}, nil }),
			django.WithClock(func() time.Time { return testNow }))
		if (err == nil) != (problem == nil) {
			t.Fatalf("Validate says %v, New %v", problem, err)
		}
		if err != nil {
			for _, secret := range append(s.SecretKeyFallbacks, s.SecretKey) {
				if strings.Contains(problem.Error()+err.Error(), secret) {
					t.Fatalf("a secret is in %q", problem)
				}
			}
			return
		}
		var d serializer.Dict
		v, err := serializer.Encode(version)
		if err != nil {
			t.Fatal(err) // a version is a number
		}
		d.Set("a", v)
		text, err := ss.Codec().Encode(t.Context(), &d)
		must(t, err)
		if back, err := ss.Codec().Decode(t.Context(), text); err != nil || !sameDict(t, back, &d) {
			t.Fatalf("does not read its own session: %v", err)
		}

		w := httptest.NewRecorder()
		ss.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			session, err := ss.Get(r)
			must(t, err)
			must(t, session.Set("a", 1))
		})).ServeHTTP(w, &http.Request{Header: http.Header{}})
		lines := w.Header()["Set-Cookie"]
		if end := testNow.Unix() + age; end < 0 || time.Unix(end, 0).UTC().Year() > 9999 {
			if w.Code == http.StatusOK || len(lines) != 0 {
				t.Fatalf("status %d, cookies %q for an age of %d", w.Code, lines, age)
			}
			return
		}
		if w.Code != http.StatusOK || len(lines) != 1 {
			t.Fatalf("status %d, cookies %q", w.Code, lines)
		}
		if c, err := http.ParseSetCookie(lines[0]); err != nil || c.Name != name || len(c.Value) != 32 {
			t.Fatalf("%q: %v", lines[0], err)
		}
	})
}

// oneSession is a store that holds a session under validKey and notes what it was
// asked for.
type oneSession struct{ asked *[]string }

func (oneSession) Capabilities() django.Capabilities { return django.Capabilities{AtomicMove: true} }

func (s oneSession) Load(_ context.Context, key string, _ time.Time) (django.Record, error) {
	if s.asked != nil {
		*s.asked = append(*s.asked, key)
	}
	if key != validKey {
		return django.Record{}, django.ErrNotFound
	}
	d, err := serializer.JSON.Loads([]byte(`{"mine":1}`))
	return django.Record{Key: key, Data: d, Version: "1"}, err
}

func (s oneSession) Create(_ context.Context, w django.Write) (django.Record, error) {
	return django.Record{Key: w.Key, Version: "1"}, nil
}

func (s oneSession) Save(_ context.Context, old django.Record, u django.Write) (django.Record, error) {
	if old.Key != validKey {
		return django.Record{}, django.ErrNotFound
	}
	return django.Record{Key: u.Key, Version: "2"}, nil
}

func (s oneSession) Delete(context.Context, string) error                   { return nil }
func (s oneSession) ClearExpired(context.Context, time.Time) (int64, error) { return 0, nil }

// FuzzRequest sends any Cookie header. A key counts only if it is in the store: no
// other session is read, and whoever brings another key gets a new one.
func FuzzRequest(f *testing.F) {
	for _, header := range []string{
		"", "sessionid=" + validKey, "sessionid=" + unknownKey, "sessionid=a; sessionid=" + validKey, "sessionid=" + validKey + "; sessionid=b",
		`sessionid="` + validKey + `"`, "sessionid=1234567", "sessionid=\xff\xff\xff\xff\xff\xff\xff\xff", "sessionid", "other=" + validKey, "SessionID=" + validKey,
	} {
		f.Add(header, true)
		f.Add(header, false)
	}
	var asked []string
	ss, err := django.New(testSettings(), django.EngineFunc(func(django.Site) (django.Store, error) { return oneSession{&asked}, nil }),
		django.WithClock(func() time.Time { return testNow }))
	must(f, err)
	f.Fuzz(func(t *testing.T, header string, change bool) {
		r := &http.Request{Header: http.Header{"Cookie": {header}}}
		given, _ := cookie.Get(r.Header, "sessionid")
		asked = nil
		w := httptest.NewRecorder()
		ss.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			s, err := ss.Get(r)
			must(t, err)
			if mine := s.Has("mine"); mine != (given == validKey) || s.Len() > 0 && !mine || mine != (s.Key() == validKey) {
				t.Fatalf("%q: mine %v, %d values, key %q", header, mine, s.Len(), s.Key())
			}
			if change {
				must(t, s.Set("a", 1))
			}
		})).ServeHTTP(w, r)
		for _, key := range asked {
			if key != given || len(key) < 8 {
				t.Fatalf("%q: the store was asked for %q", header, key)
			}
		}
		lines := w.Header()["Set-Cookie"]
		switch {
		case w.Code != http.StatusOK || len(lines) > 1 || change && len(lines) != 1:
			t.Fatalf("%q: status %d, cookies %q", header, w.Code, lines)
		case change && (given == validKey) != strings.HasPrefix(lines[0], "sessionid="+validKey+";"):
			t.Fatalf("%q: the session is under %q", header, lines[0])
		case change && given != validKey && len(given) >= 8 && strings.HasPrefix(lines[0], "sessionid="+given+";"):
			t.Fatalf("%q: the key of the client is taken: %q", header, lines[0])
		}
	})
}
