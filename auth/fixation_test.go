package auth_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
)

// TestFixation: whoever logs in under a key that somebody made up, or knew before,
// ends under a new one, and what the other knows leads nowhere; with the form's
// secret in the session and SESSION_SAVE_EVERY_REQUEST, too.
func TestFixation(t *testing.T) {
	s := newSite(t, func(set *django.Settings) { set.SessionSaveEveryRequest, set.CSRFUseSessions = true, true })
	ann := s.user(t, "ann")
	h := s.sessions.Middleware(s.csrf.Middleware(s.logins.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/login" {
			if err := s.logins.Login(r, ann); err != nil {
				t.Error(err)
			}
		}
		if _, err := s.csrf.Token(r); err != nil {
			t.Error(err)
		}
	}))))
	ask := func(path, key string) (told string) {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Cookie", "sessionid="+key)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Errorf("%s: status %d", path, w.Code)
		}
		for _, c := range w.Result().Cookies() {
			if c.Name == "sessionid" {
				told = c.Value
			}
		}
		return told
	}
	stored := func(key string) (n int) {
		if err := s.db.Get(&n, "SELECT COUNT(*) FROM django_session WHERE session_key = ?", key); err != nil {
			t.Fatal(err)
		}
		return n
	}
	gone := s.login(t, "ann")
	if err := s.sessions.Delete(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	expired := s.login(t, "ann")
	s.exec(t, "UPDATE django_session SET expire_date = '2000-01-01 00:00:00' WHERE session_key = ?", expired)

	for name, key := range map[string]string{
		"of the usual form": strings.Repeat("f1x4t10n", 4), "short": "f1x4t10n", "impossible": "../f1x4t10n", "deleted": gone, "expired": expired,
	} {
		visited := ask("/", key)
		if visited == "" || visited == key || stored(visited) != 1 {
			t.Errorf("%s: a visit did not end in a session of its own", name)
		}
		for from, before := range map[string]string{"the key made up": key, "the key of a visit": visited} {
			told := ask("/login", before)
			if told == "" || told == before || stored(told) != 1 {
				t.Errorf("%s: logging in under %s did not end in a session of its own", name, from)
			}
			if before != expired && stored(before) != 0 {
				t.Errorf("%s: after logging in, %s leads to a session", name, from)
			}
			if session, err := s.sessions.Load(t.Context(), told); err != nil || !session.Has("_auth_user_id") {
				t.Errorf("%s: the new session is not logged in: %v", name, err)
			}
			if session, err := s.sessions.Load(t.Context(), before); err == nil && session.Has("_auth_user_id") {
				t.Errorf("%s: %s leads to the login", name, from)
			}
		}
	}
}
