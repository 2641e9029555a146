package compat

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/internal/testenv/typed"
)

// cookieViews sends the same requests through Django's middleware and Go's. The cookies that they
// set must have the same attributes and hold the same session.
func cookieViews(t *testing.T, e *elsewhere) {
	key, _ := e.atDjango(t, "", simpleProgram(nil)...)
	withCookie := 0
	for _, every := range []bool{false, true} {
		set := e.sessions.Settings()
		set.SessionSaveEveryRequest = every
		sessions, err := django.New(set, e.engine, atStoppedTime())
		if err != nil {
			t.Fatal(err)
		}
		e.settings["SESSION_SAVE_EVERY_REQUEST"] = every
		for _, v := range views {
			for _, cookie := range []string{"", key} {
				args := testenv.Args{"settings": e.settings, "program": v.program, "status": v.status}
				r := httptest.NewRequest("GET", "/", nil)
				if cookie != "" {
					args["cookie"] = "sessionid=" + cookie
					r.AddCookie(&http.Cookie{Name: "sessionid", Value: cookie})
				}
				theirs := testenv.Ask[testenv.Response](t, e.worker, "request", args)
				rec := httptest.NewRecorder()
				sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if v.do != nil {
						s, err := sessions.Get(r)
						if err != nil {
							t.Error(err)
							return
						}
						v.do(t, s)
					}
					w.WriteHeader(v.status)
				})).ServeHTTP(rec, r)
				got, want := e.readCookies(t, rec.Result().Header["Set-Cookie"]), e.readCookies(t, theirs.Header("Set-Cookie"))
				if got != "" {
					withCookie++
				}
				if rec.Code != theirs.Status || got != want && !excused(e.django, v.name, v.status) {
					t.Errorf("%s, with a cookie: %t, every request: %t: Go answers %d %s; Django %d %s", v.name, cookie != "", every,
						rec.Code, got, theirs.Status, want)
				}
			}
		}
	}
	delete(e.settings, "SESSION_SAVE_EVERY_REQUEST")
	if all := 4 * len(views); withCookie < all/3 || withCookie == all {
		t.Errorf("%d of %d answers set a cookie", withCookie, all)
	}
}

// readCookies is Set-Cookie headers with the sessions in place of the values.
func (e *elsewhere) readCookies(t *testing.T, lines []string) string {
	t.Helper()
	lines = slices.Clone(lines)
	for i, line := range lines {
		c, err := http.ParseSetCookie(line)
		if err != nil {
			t.Fatal(err)
		}
		if c.Value != "" {
			lines[i] = fmt.Sprintf("sessionid=%v%s", typed.Items(t, e.load(t, c.Value).Items()), strings.TrimPrefix(line, "sessionid="+c.Value))
		}
	}
	return strings.Join(lines, "\n")
}
