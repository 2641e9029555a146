package auth_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/django"
)

// BenchmarkUser is a request that asks who is logged in, on SQLite, in two queries and in one;
// one that only asks for its session, whose cost is within the others; and one without a login.
func BenchmarkUser(b *testing.B) {
	s := newSite(b, nil)
	anonymous := s.sessions.NewSession()
	mustSet(b, anonymous, "cart", 1)
	save(b, anonymous)
	for _, c := range []struct {
		name, key string
		ask       bool
		opts      []usertable.Option
	}{
		{"session alone", s.login(b, "ann"), false, nil},
		{"anonymous", anonymous.Key(), true, nil},
		{"logged in", s.login(b, "ann"), true, nil},
		{"logged in, joined", s.login(b, "ann"), true, []usertable.Option{usertable.WithJoin()}},
	} {
		b.Run(c.name, func(b *testing.B) {
			s.open(b)
			users, err := usertable.Open(s.db, s.sessions, c.opts...)
			if err != nil {
				b.Fatal(err)
			}
			s.withUsers(b, users)
			var session *django.Session
			h := s.handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				var err error
				if session, err = s.sessions.Get(r); err == nil && c.ask {
					_, err = s.logins.User(r)
				}
				if err != nil {
					b.Error(err)
				}
			}))
			r := request("GET", "/page/")
			r.AddCookie(&http.Cookie{Name: "sessionid", Value: c.key})
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
			if session.Has("_auth_user_id") == (c.name == "anonymous") {
				b.Error("not the session that was meant")
			}
		})
	}
}
