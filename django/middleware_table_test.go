package django_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
)

// middlewareCase is a line of middleware.json: what Django's SessionMiddleware
// answered to a cookie, when the view did something and returned a status.
type middlewareCase struct {
	cookie, action string
	every          bool
	status         int
	want           middlewareAnswer
}

type middlewareAnswer struct {
	status       int
	cookie, vary string
	rows         []string
}

func (c *middlewareCase) UnmarshalJSON(text []byte) error {
	return unmarshalTuple(text, &c.cookie, &c.action, &c.every, &c.status, &c.want)
}

func (a *middlewareAnswer) UnmarshalJSON(text []byte) error {
	return unmarshalTuple(text, &a.status, &a.cookie, &a.vary, &a.rows)
}

func unmarshalTuple(text []byte, fields ...any) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return err
	}
	if len(parts) != len(fields) {
		return fmt.Errorf("%d fields, want %d", len(parts), len(fields))
	}
	for i, part := range parts {
		if err := json.Unmarshal(part, fields[i]); err != nil {
			return err
		}
	}
	return nil
}

var middlewareCookies = map[string]string{
	"absent":     "",
	"empty":      "sessionid=",
	"short":      "sessionid=short",
	"unknown":    "sessionid=" + unknownKey,
	"valid":      "sessionid=" + validKey,
	"quoted":     `a=b; sessionid="` + validKey + `"`,
	"last wins":  "sessionid=" + unknownKey + "; sessionid=" + validKey,
	"last loses": "sessionid=" + validKey + "; sessionid=" + unknownKey,
}

var middlewareActions = map[string]func(*http.Request, *django.Session) error{
	"get":  func(_ *http.Request, s *django.Session) error { s.Get("n"); return nil },
	"set":  func(_ *http.Request, s *django.Session) error { return s.Set("color", "blue") },
	"pop":  func(_ *http.Request, s *django.Session) error { s.Delete("n"); return nil },
	"mark": func(_ *http.Request, s *django.Session) error { s.MarkModified(); return nil },
	"clear": func(_ *http.Request, s *django.Session) error {
		s.Clear()
		return nil
	},
	"flush": func(r *http.Request, s *django.Session) error { return s.Flush(r.Context()) },
	"flush and set": func(r *http.Request, s *django.Session) error {
		if err := s.Flush(r.Context()); err != nil {
			return err
		}
		return s.Set("color", "blue")
	},
	"cycle":         func(_ *http.Request, s *django.Session) error { s.CycleKey(); return nil },
	"browser close": func(_ *http.Request, s *django.Session) error { return s.SetExpiry(0) },
	"expiry":        func(_ *http.Request, s *django.Session) error { return s.SetExpiry(5 * time.Minute) },
}

// differsFromDjango says where the middleware is meant to differ: CycleKey takes
// effect with the save, so that a request that is not saved leaves no trace.
func differsFromDjango(c middlewareCase) bool { return c.action == "cycle" && c.status >= 500 }

func TestMiddlewareAnswersAsDjango(t *testing.T) {
	sites := map[bool]*site{}
	for _, every := range []bool{false, true} {
		sites[every] = newSite(t, func(s *django.Settings) { s.SessionSaveEveryRequest = every })
	}
	for _, c := range golden[middlewareCase](t, "middleware.json") {
		st := sites[c.every]
		name := fmt.Sprintf("%s/%s/every=%v/%d", c.cookie, c.action, c.every, c.status)
		t.Run(name, func(t *testing.T) {
			st.t = t
			st.db.MustExec("DELETE FROM django_session")
			st.put(validKey, `{"n":1}`)
			got := st.answer(c)
			if differsFromDjango(c) {
				want := []string{`valid {"n":1} 86400000000`}
				if got.status != c.want.status || strings.Contains(got.cookie, "new") || !slices.Equal(got.rows, want) {
					t.Errorf("a request that is not saved answered %+v", got)
				}
				return
			}
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", c.want) {
				t.Errorf("answered\n%+v, Django\n%+v", got, c.want)
			}
		})
	}
	for _, st := range sites {
		st.t = t
	}
}

// answer puts a case to the middleware.
func (st *site) answer(c middlewareCase) middlewareAnswer {
	handler := st.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if action := middlewareActions[c.action]; action != nil {
			if err := action(r, st.get(r)); err != nil {
				st.t.Error(err)
			}
		} else if c.action != "untouched" {
			st.t.Fatalf("unknown action %q", c.action)
		}
		w.WriteHeader(c.status)
	}))
	r := httptest.NewRequest("GET", "/", nil)
	header, ok := middlewareCookies[c.cookie]
	if !ok {
		st.t.Fatalf("unknown cookie %q", c.cookie)
	}
	if header != "" {
		r.Header.Set("Cookie", header)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	names := map[string]string{validKey: "valid", unknownKey: "unknown"}
	var rows []string
	for _, key := range st.keys() {
		if names[key] == "" {
			names[key] = "new"
		}
		rows = append(rows, fmt.Sprintf("%s %s %d", names[key], st.data(key), st.lives(key).Microseconds()))
	}
	slices.Sort(rows)
	cookie := strings.Join(w.Header().Values("Set-Cookie"), "\n")
	for key, name := range names {
		cookie = strings.ReplaceAll(cookie, key, name)
	}
	return middlewareAnswer{w.Code, cookie, strings.Join(w.Header().Values("Vary"), "\n"), rows}
}

// lives returns how long the row under key lives from now on.
func (st *site) lives(key string) time.Duration {
	st.t.Helper()
	at, err := time.Parse("2006-01-02 15:04:05", st.expires(key))
	if err != nil {
		st.t.Fatal(err)
	}
	return at.Sub(st.now)
}
