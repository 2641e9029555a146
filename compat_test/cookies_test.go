package compat

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/djsession/djsession/cookiestore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
)

// cookies: each side continues the other's sessions in signed cookies, and ends them at the same age.
func cookies(t *testing.T, e *elsewhere) {
	for _, expiry := range []any{nil, fixtures.NewInt(300), fixtures.NewInt(0), fixtures.NewInt(-7)} {
		want := simple
		if expiry != nil {
			want = want.With("_session_expiry", expiry.(fixtures.Value))
		}
		key, _ := e.atDjango(t, "", simpleProgram(expiry)...)
		e.goHas(t, key, want)
		s := e.load(t, key)
		set(t, s, "c", 3)
		save(t, s)
		e.djangoHas(t, s.Key(), want.With("c", fixtures.NewInt(3)))
		if s.Key() == key {
			t.Error("the cookie has not changed")
		}

		// What both sides write from the same is the same.
		ours := e.sessions.NewSession()
		setSimple(t, ours)
		if n, ok := expiry.(fixtures.Value); ok {
			set(t, ours, "_session_expiry", map[string]int{"300": 300, "0": 0, "-7": -7}[n.Text])
		}
		save(t, ours)
		if ours.Key() != key && e.sessions.Settings().SessionSerializer == django.DefaultSettings().SessionSerializer {
			t.Error("Go signs another cookie than Django")
		}
	}
	large := e.sessions.NewSession() // compressed
	setSimple(t, large)
	want := simple
	for _, name := range []string{"x", "y", "z"} {
		set(t, large, name, string(bytes.Repeat([]byte(name), 1000)))
		want = want.With(name, fixtures.NewStr(string(bytes.Repeat([]byte(name), 1000))))
	}
	save(t, large)
	e.djangoHas(t, large.Key(), want)

	// The age is that of the signature.
	for _, after := range []time.Duration{1209600 * time.Second, 1209601 * time.Second, 1209600*time.Second + time.Second/2} {
		key, _ := e.atDjango(t, "", simpleProgram(nil)...)
		now := stoppedAt.Truncate(time.Second).Add(after)
		testenv.Tell(t, e.worker, "stop_clock", testenv.Args{"at": float64(now.UnixMicro()) / 1e6})
		_, results := e.atDjango(t, key, []any{"items"})
		_, err := e.sessions.Store().Load(t.Context(), key, now)
		if live := len(results[0].Value.Pairs) > 0; live != (err == nil) || live != (after == 1209600*time.Second) {
			t.Errorf("after %v Django reads it: %t; Go: %v", after, live, err)
		}
		testenv.Tell(t, e.worker, "stop_clock", testenv.Args{"at": float64(stoppedAt.UnixMicro()) / 1e6})
	}
	unsigned(t, e, large.Key())
}

// unsigned: what nobody signed is an empty session for both, and neither fails.
func unsigned(t *testing.T, e *elsewhere, good string) {
	var logs bytes.Buffer
	ss, err := django.New(e.sessions.Settings(), cookiestore.New(), django.WithLogger(slog.New(slog.NewTextHandler(&logs, nil))))
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"changed": good[:len(good)-1] + "!", "cut": good[:len(good)/2], "another engine's": "abcdefghijklmnopqrstuvwxyz012345", "separators": "::::::::::",
	} {
		for _, sets := range []bool{false, true} {
			program := []any{[]any{"items"}}
			want := fixtures.NewDict()
			if sets {
				program = append(program, []any{"set", "a", fixtures.NewInt(1)})
				want = want.With("a", fixtures.NewInt(1))
			}
			theirs, results := e.atDjango(t, bad, program...)
			if len(results[0].Value.Pairs) != 0 {
				t.Errorf("%s: Django reads it", name)
			}
			r := httptest.NewRequest("GET", "/", nil)
			r.AddCookie(&http.Cookie{Name: "sessionid", Value: bad})
			rec := httptest.NewRecorder()
			ss.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				s, err := ss.Get(r)
				if err == nil && s.Len() == 0 && sets {
					err = s.Set("a", 1)
				}
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
			})).ServeHTTP(rec, r)
			ours := bad
			for _, c := range rec.Result().Cookies() {
				ours = c.Value
			}
			if rec.Code != http.StatusOK {
				t.Errorf("%s: Go answers %d", name, rec.Code)
			}
			e.goHas(t, theirs, want)
			if sets {
				e.goHas(t, ours, want)
			} else if _, err := ss.Load(t.Context(), ours); err == nil || errors.Is(err, django.ErrCorrupt) != (ours == bad) {
				t.Errorf("%s: read only, the browser then has a cookie that is %v", name, err)
			}
			if bytes.Contains(logs.Bytes(), []byte(bad)) {
				t.Errorf("%s: the log holds it", name)
			}
		}
	}
}
