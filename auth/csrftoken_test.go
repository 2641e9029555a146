package auth_test

import (
	"net/http"
	"testing"

	"github.com/djsession/djsession/django"
)

// TestLoginRotatesTheToken: a form of before the login is refused after it.
func TestLoginRotatesTheToken(t *testing.T) {
	for _, inSession := range []bool{false, true} {
		s := newSite(t, func(set *django.Settings) { set.CSRFUseSessions = inSession })
		var tokens []string
		client, url := s.browser(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			token, err := s.csrf.Token(r)
			if err == nil && r.Method == "POST" && r.FormValue("login") != "" {
				err = s.logins.Login(r, s.user(t, "ann"))
			}
			if err != nil {
				t.Error(err)
			}
			tokens = append(tokens, token)
		}))
		post := func(token string, more ...string) int {
			form := map[string][]string{"csrfmiddlewaretoken": {token}}
			if len(more) > 0 {
				form["login"] = more
			}
			resp, err := client.PostForm(url, form)
			if err != nil {
				t.Fatal(err)
			}
			return resp.StatusCode
		}
		if _, err := client.Get(url); err != nil {
			t.Fatal(err)
		}
		first := tokens[0]
		if status := post(first, "yes"); status != 200 {
			t.Fatalf("login: %d", status)
		}
		if status := post(first); status != http.StatusForbidden {
			t.Errorf("in the session %t: a token of before the login gives %d", inSession, status)
		}
		if _, err := client.Get(url); err != nil {
			t.Fatal(err)
		}
		if status := post(tokens[len(tokens)-1]); status != 200 {
			t.Errorf("in the session %t: a token of after the login gives %d", inSession, status)
		}
	}
}

// TestLoginDropsTheSecret: without package csrf's middleware, too, the secret of
// before a login is worth nothing after it.
func TestLoginDropsTheSecret(t *testing.T) {
	s := newSite(t, func(set *django.Settings) { set.CSRFUseSessions = true })
	session := s.sessions.NewSession()
	mustSet(t, session, "_csrftoken", "x")
	if err := s.logins.LoginSession(t.Context(), session, s.user(t, "ann")); err != nil || session.Has("_csrftoken") {
		t.Errorf("the secret is there: %t, %v", session.Has("_csrftoken"), err)
	}
}
