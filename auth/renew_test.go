package auth_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/django"
)

// TestFallbackSecret: a login under a rotated secret goes on, under a new key and
// with the hash of the new secret, exactly once.
func TestFallbackSecret(t *testing.T) {
	s := newSite(t, nil)
	old := s.login(t, "ann")
	s.settings.SecretKeyFallbacks, s.settings.SecretKey = []string{"another", s.settings.SecretKey}, "the next secret"
	s.open(t)
	var u auth.User
	var err error
	handler := func(w http.ResponseWriter, r *http.Request) { u, err = s.logins.User(r) }
	w := s.get(handler, old)
	if err != nil || u.Username != "ann" {
		t.Fatalf("User: %v, %v", u, err)
	}
	key := newKey(w)
	if key == "" || key == old || s.exists(t, old) {
		t.Fatal("the session kept its key")
	}
	s.settings.SecretKeyFallbacks = nil
	s.open(t)
	if w = s.get(handler, key); err != nil || u.Username != "ann" || newKey(w) != "" {
		t.Errorf("afterwards: %v, %v, new key: %t", u, err, newKey(w) != "")
	}
}

// TestRenewAtOnce: of two requests at once that find an outdated hash, one renews
// it, neither fails, and the browser is left with the key that holds.
func TestRenewAtOnce(t *testing.T) {
	set := func(t testing.TB, session *django.Session) { mustSet(t, session, "cart", 1) }
	for name, c := range map[string]struct {
		every         bool                              // SESSION_SAVE_EVERY_REQUEST
		before, after func(testing.TB, *django.Session) // User, and the other request
		want          int
	}{
		"only asked":                     {want: 200},
		"changed something":              {after: set, want: 400},
		"changed something before":       {before: set, want: 400},
		"saved by hand":                  {after: save, want: 200},
		"saved by hand, and every time":  {every: true, after: save, want: 200},
		"saved by hand and then changed": {after: func(t testing.TB, session *django.Session) { save(t, session); set(t, session) }, want: 400},
	} {
		s := newSite(t, func(set *django.Settings) { set.SessionSaveEveryRequest = c.every })
		old := s.login(t, "ann")
		s.settings.SecretKeyFallbacks, s.settings.SecretKey = []string{s.settings.SecretKey}, "the next secret"
		s.open(t)
		handler := func(then func()) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				if u, err := s.logins.User(r); err != nil || u.Username != "ann" {
					t.Errorf("%s: %v, %v", name, u, err)
				}
				then()
			}
		}
		var first *httptest.ResponseRecorder
		second := s.get(func(w http.ResponseWriter, r *http.Request) {
			session, err := s.sessions.Get(r)
			if err != nil {
				t.Error(err)
			}
			if c.before != nil {
				c.before(t, session)
			}
			handler(func() { first = s.get(handler(func() {}), old) })(w, r)
			if c.after != nil {
				c.after(t, session)
			}
		}, old)
		if first.Code != 200 || newKey(first) == "" || !s.exists(t, newKey(first)) {
			t.Errorf("%s: the first gets %d", name, first.Code)
		}
		// What somebody changed must not get lost without a word.
		if second.Code != c.want || newKey(second) != "" {
			t.Errorf("%s: the second gets %d, and a cookie: %t", name, second.Code, newKey(second) != "")
		}
	}
}

// TestHashAlgorithms: SHA-1 and SHA-256 are accepted and written as that Django does.
func TestHashAlgorithms(t *testing.T) {
	for _, c := range []struct {
		version  string
		change   func(*django.Settings)
		writes   int // length of the hash
		sha1, ok bool
	}{
		{"2.2", nil, 40, true, true},
		{"3.0", nil, 40, true, true},
		{"3.1", nil, 64, true, true},
		{"3.2", nil, 64, true, true},
		{"3.2", func(set *django.Settings) { set.SessionFormat = django.FormatPre31 }, 40, true, true},
		{"4.0", nil, 64, true, false},
		{"6.1", nil, 64, true, false},
		{"6.1", func(set *django.Settings) { set.ReadOlderFormats = true }, 64, true, true},
		{"3.2", func(set *django.Settings) { set.SessionFormat = django.FormatPre31 }, 40, false, false},
		{"2.2", nil, 40, false, false},
	} {
		s := newSite(t, func(set *django.Settings) {
			set.DjangoVersion = c.version
			if c.change != nil {
				c.change(set)
			}
		})
		key := s.login(t, "ann")
		session := s.load(t, key)
		if hash, err := django.Value(session, "_auth_user_hash", ""); err != nil || len(hash) != c.writes {
			t.Errorf("%s writes %d characters: %v", c.version, len(hash), err)
		}
		other := "3.2"
		var format django.Format
		if c.sha1 {
			format = django.FormatPre31
		}
		from := newSite(t, func(set *django.Settings) { set.DjangoVersion, set.SessionFormat = other, format })
		hash, _ := django.Value(from.load(t, from.login(t, "ann")), "_auth_user_hash", "")
		if hash == "" || (len(hash) == 40) != c.sha1 {
			t.Fatalf("hash of %d characters", len(hash))
		}
		mustSet(t, session, "_auth_user_hash", hash)
		v, err := s.logins.Inspect(t.Context(), session)
		if err != nil || v.User.IsAuthenticated() != c.ok || v.Renew != (c.ok && c.version == "6.1") {
			t.Errorf("%s takes a hash of %d characters: %+v, %v", c.version, len(hash), v, err)
		}
	}
}
