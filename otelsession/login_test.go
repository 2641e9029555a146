package otelsession_test

import (
	"net/http"
	"strings"
	"testing"
)

// The operations on the session are inside those of the login.
func TestLogins(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		anonymous := s.stored()
		key := s.serve(anonymous, func(_ http.ResponseWriter, r *http.Request) {
			u, err := s.logins.Authenticate(r.Context(), username, password)
			must(t, err)
			must(t, s.logins.Login(r, u))
		})
		s.serve(key, func(_ http.ResponseWriter, r *http.Request) {
			must(t, s.logins.Logout(r))
		})
		s.serve("", func(_ http.ResponseWriter, r *http.Request) {
			if _, err := s.logins.Authenticate(r.Context(), username, payload); err == nil {
				t.Error("a wrong password is accepted")
			}
		})
		equal(t, s.traces(),
			"request > session authenticate ok",
			"session login > session load ok",
			"request > session login ok",
			"request > session save ok 1",
			"session logout > session load ok",
			"session logout > session delete ok",
			"request > session logout ok",
			"request > session authenticate denied")
		for _, line := range []string{
			`level=DEBUG msg="user logged in"`, `level=DEBUG msg="user logged out"`, `level=INFO msg="login failed"`, "user_id=1",
		} {
			if !strings.Contains(s.log.String(), line) {
				t.Errorf("the log lacks %s:\n%s", line, s.log)
			}
		}
	})
}

// A login whose hash does not match is not accepted.
func TestRejectedLogin(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		key := s.serve("", func(_ http.ResponseWriter, r *http.Request) {
			u, err := s.logins.Authenticate(r.Context(), username, password)
			must(t, err)
			must(t, s.logins.Login(r, u))
		})
		s.spans.Reset()
		s.db.MustExec("UPDATE auth_user SET password = 'md5$a$b'")
		s.serve(key, func(_ http.ResponseWriter, r *http.Request) {
			if u, err := s.logins.User(r); err != nil || u.IsAuthenticated() {
				t.Error(u, err)
			}
		})
		equal(t, s.traces(), "request > session load ok", "request > session reject_login rejected")
	})
}
