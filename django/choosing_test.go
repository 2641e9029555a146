package django_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/djsession/djsession/cookiestore"
	"github.com/djsession/djsession/django"
)

// Every save needs a cookie, whatever else the handler does.
func TestStoreThatChoosesKeys(t *testing.T) {
	for name, c := range map[string]struct {
		every bool
		do    func(ss *django.Sessions, w http.ResponseWriter, r *http.Request)
		check func(t *testing.T, ss *django.Sessions, res *http.Response, log string, old string)
	}{
		"set": {false, func(ss *django.Sessions, w http.ResponseWriter, r *http.Request) {
			s, _ := ss.Get(r)
			_ = s.Set("b", 2)
		}, has(`{"a":1,"b":2}`)},
		"every": {true, func(ss *django.Sessions, w http.ResponseWriter, r *http.Request) {}, has(`{"a":1}`)},
		"every read": {true, func(ss *django.Sessions, w http.ResponseWriter, r *http.Request) {
			s, _ := ss.Get(r)
			s.Get("a")
		}, has(`{"a":1}`)},
		"cycle": {false, func(ss *django.Sessions, w http.ResponseWriter, r *http.Request) {
			s, _ := ss.Get(r)
			s.CycleKey()
			_ = s.Set("b", 2)
		}, has(`{"a":1,"b":2}`)},
		"save, set, 500": {false, func(ss *django.Sessions, w http.ResponseWriter, r *http.Request) {
			s, _ := ss.Get(r)
			_ = s.Set("b", 2)
			_ = s.Save(r.Context())
			_ = s.Set("c", 3)
			w.WriteHeader(500)
		}, has(`{"a":1,"b":2}`)},
		"update": {false, func(ss *django.Sessions, w http.ResponseWriter, r *http.Request) {
			for range 2 {
				if err := ss.UpdateRequest(r, func(s *django.Session) error {
					n, _ := django.Value(s, "n", 0)
					return s.Set("n", n+1)
				}); err != nil {
					panic(err)
				}
			}
			w.WriteHeader(500)
		}, has(`{"a":1,"n":2}`)},
		"flush": {false, func(ss *django.Sessions, w http.ResponseWriter, r *http.Request) {
			s, _ := ss.Get(r)
			_ = s.Flush(r.Context())
		}, func(t *testing.T, ss *django.Sessions, res *http.Response, log, old string) {
			if len(res.Cookies()) != 1 || res.Cookies()[0].Value != "" {
				t.Errorf("%v", res.Cookies())
			}
		}},
		"flush, then 503": {false, func(ss *django.Sessions, w http.ResponseWriter, r *http.Request) {
			s, _ := ss.Get(r)
			_ = s.Flush(r.Context())
			_ = s.Set("x", 1)
			_ = s.Set("_session_expiry", "nonsense")
		}, func(t *testing.T, ss *django.Sessions, res *http.Response, log, old string) {
			if len(res.Cookies()) == 0 {
				t.Errorf("flushed, but the browser keeps the session")
			}
		}},
		"late flush": {false, func(ss *django.Sessions, w http.ResponseWriter, r *http.Request) {
			s, _ := ss.Get(r)
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
			if err := s.Flush(r.Context()); err == nil {
				w.Header().Set("X-Flush", "nil")
				_, _ = w.Write([]byte("logged out"))
			}
		}, func(t *testing.T, ss *django.Sessions, res *http.Response, log, old string) {
			var b bytes.Buffer
			_, _ = b.ReadFrom(res.Body)
			if _, err := ss.Load(t.Context(), old); err == nil && b.String() == "logged out" && log == "" {
				t.Errorf("Flush returned nil, nothing is logged, and the session still is valid")
			}
		}},
		"late set": {false, func(ss *django.Sessions, w http.ResponseWriter, r *http.Request) {
			s, _ := ss.Get(r)
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
			_ = s.Set("b", 2)
		}, func(t *testing.T, ss *django.Sessions, res *http.Response, log, old string) {
			if log == "" {
				t.Error("nothing is logged")
			}
		}},
		"every late read": {true, func(ss *django.Sessions, w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
			s, _ := ss.Get(r)
			s.Get("a")
		}, has(`{"a":1}`)},
	} {
		t.Run(name, func(t *testing.T) {
			var logs bytes.Buffer
			set := testSettings()
			set.SessionEngine = django.EngineSignedCookies
			set.SessionSaveEveryRequest = c.every
			ss, err := django.New(set, cookiestore.New(),
				django.WithLogger(slog.New(slog.NewTextHandler(&logs, nil))))
			must(t, err)
			s := ss.NewSession()
			must(t, errors.Join(s.Set("a", 1), s.Save(t.Context())))
			r := httptest.NewRequest("GET", "/", nil)
			r.AddCookie(&http.Cookie{Name: "sessionid", Value: s.Key()})
			w := httptest.NewRecorder()
			ss.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.do(ss, w, r) })).ServeHTTP(w, r)
			c.check(t, ss, w.Result(), logs.String(), s.Key())
		})
	}
}

// A session that was only read does not stand in the way of a hijack.
func TestHijackWithAStoreThatChoosesKeys(t *testing.T) {
	for _, every := range []bool{false, true} {
		set := testSettings()
		set.SessionEngine = django.EngineSignedCookies
		set.SessionSaveEveryRequest = every
		ss, err := django.New(set, cookiestore.New())
		must(t, err)
		s := ss.NewSession()
		must(t, errors.Join(s.Set("a", 1), s.Save(t.Context())))
		var hijackErr error
		server := httptest.NewServer(ss.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s, err := ss.Get(r)
			if err != nil {
				t.Error(err)
				return
			}
			s.Get("a")
			conn, _, err := http.NewResponseController(w).Hijack()
			if hijackErr = err; err == nil {
				handshake(conn)
			}
		})))
		res := upgrade(t, server, s.Key())
		server.Close()
		if hijackErr != nil {
			t.Errorf("SESSION_SAVE_EVERY_REQUEST %t: Hijack: %v, status %d", every, hijackErr, res.StatusCode)
		}
	}
}

// has checks what the response's cookie holds.
func has(want string) func(t *testing.T, ss *django.Sessions, res *http.Response, log, old string) {
	return func(t *testing.T, ss *django.Sessions, res *http.Response, log, old string) {
		t.Helper()
		if len(res.Cookies()) != 1 {
			t.Fatalf("cookies %v, log %s", res.Cookies(), log)
		}
		s, err := ss.Load(t.Context(), res.Cookies()[0].Value)
		if err != nil {
			t.Fatal(err)
		}
		if got := jsonOf(t, s); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
