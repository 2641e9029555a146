package testenv

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/managepy"
)

var vendors = []Vendor{SQLiteVendor, PostgreSQLVendor, MySQLVendor}

// TestDjangoOnEveryDatabase proves the ground that other tests stand on: Django migrates
// each database, and what it writes is in the row. The newest Django stands for all:
// compat_test runs each of them on each database.
func TestDjangoOnEveryDatabase(t *testing.T) {
	django := NewestDjango(t)
	for _, vendor := range vendors {
		t.Run(string(vendor), func(t *testing.T) {
			t.Parallel()
			database := servers.New(t, vendor)
			w := django.Start(t, Config{Database: database, Settings: map[string]any{"USE_TZ": true}})
			Tell(t, w, "migrate", nil)

			written := Ask[[]RandomSession](t, w, "create_random", Args{"seed": 1, "count": 20})
			if len(written) != 20 {
				t.Fatalf("%d sessions, want 20", len(written))
			}
			keys := make([]string, len(written))
			for i, session := range written {
				keys[i] = session.Row.SessionKey
			}
			for i, loaded := range Ask[[]Loaded](t, w, "load_many", Args{"session_keys": keys}) {
				if !loaded.Found || !loaded.Values.Equal(written[i].Values) {
					t.Errorf("session %d was stored as\n%s\nand loaded as\n%s", i, written[i].Values, loaded.Values)
				}
			}

			db := database.Connect(t)
			rows, err := db.Query("SELECT session_key, session_data FROM django_session")
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			stored := map[string]string{}
			for rows.Next() {
				var key, data string
				if err := rows.Scan(&key, &data); err != nil {
					t.Fatal(err)
				}
				stored[key] = data
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
			for _, session := range written {
				if stored[session.Row.SessionKey] != session.Row.SessionData {
					t.Errorf("Go and Django read different rows")
				}
			}
		})
	}
}

func TestChangeShowsInTheRow(t *testing.T) {
	w := NewestDjango(t).Start(t, Config{})
	Tell(t, w, "migrate", nil)
	values := fixtures.NewDict(fixtures.Pair{Key: "a", Value: fixtures.NewInt(1)}, fixtures.Pair{Key: "b", Value: fixtures.NewStr("é😀")})
	row := Ask[Row](t, w, "create", Args{"values": values, "expiry": fixtures.NewInt(300)})

	changed := Ask[Changed](t, w, "change", Args{"session_key": row.SessionKey, "program": []any{
		[]any{"set", "a", fixtures.NewStr("1")},
		[]any{"get", "b"},
		[]any{"delete", "missing"},
		[]any{"expiry"},
	}})
	if got := changed.Results[1].Value; !got.Equal(fixtures.NewStr("é😀")) {
		t.Errorf("b is %s", got)
	}
	if got := changed.Results[2].Error; got != "KeyError" {
		t.Errorf("deleting what is not there raised %q", got)
	}
	loaded := Ask[Loaded](t, w, "load", Args{"session_key": row.SessionKey})
	want := values.With("a", fixtures.NewStr("1")).With("_session_expiry", fixtures.NewInt(300))
	if !loaded.Values.Equal(want) {
		t.Errorf("loaded %s\nwant %s", loaded.Values, want)
	}
	if loaded.Expiry.Age != 300 || loaded.Expiry.BrowserClose {
		t.Errorf("expiry is %+v", loaded.Expiry)
	}
	Tell(t, w, "delete", Args{"session_key": row.SessionKey})
	if Ask[Loaded](t, w, "load", Args{"session_key": row.SessionKey}).Found {
		t.Error("found after it was deleted")
	}
}

func TestVerdicts(t *testing.T) {
	w := NewestDjango(t).Start(t, Config{})
	text := Ask[string](t, w, "encode", Args{"values": fixtures.NewDict()})
	for name, test := range map[string]struct{ text, want string }{
		"its own": {text, fixtures.OK},
		"foreign": {text[:len(text)-1] + "?", fixtures.BadSignature},
		"nothing": {"", fixtures.BadSignature},
	} {
		if got := Ask[Verdict](t, w, "decode", Args{"text": test.text}); got.Verdict != test.want {
			t.Errorf("%s: %q, want %q", name, got.Verdict, test.want)
		}
	}
}

// oldestAndNewest returns the first and the last of the pinned Djangos. Where the worker
// suits both, it suits those between; compat_test runs them all.
func oldestAndNewest(t *testing.T) []Django {
	t.Helper()
	all := Djangos(t)
	return []Django{all[0], all[len(all)-1]}
}

// TestDjangoAnswersARequest drives the session middleware.
func TestDjangoAnswersARequest(t *testing.T) {
	const noon = 1767268800 // 2026-01-01 12:00:00 UTC
	for _, django := range oldestAndNewest(t) {
		t.Run(django.Name, func(t *testing.T) {
			t.Parallel()
			w := django.Start(t, Config{})
			Tell(t, w, "migrate", nil)
			Tell(t, w, "stop_clock", Args{"at": noon})
			response := Ask[Response](t, w, "request", Args{
				"program":  []any{[]any{"set", "a", fixtures.NewInt(1)}},
				"settings": map[string]any{"SESSION_COOKIE_AGE": 3600},
			})
			cookies := response.Header("Set-Cookie")
			if len(cookies) != 1 || !strings.Contains(cookies[0], "expires=Thu, 01 Jan 2026 13:00:00 GMT") ||
				!strings.Contains(cookies[0], "Max-Age=3600") {
				t.Fatalf("cookies are %q", cookies)
			}
			cookie, _, _ := strings.Cut(cookies[0], ";")
			response = Ask[Response](t, w, "request", Args{"cookie": cookie, "program": []any{[]any{"get", "a"}}})
			if got := response.Results[0].Value; !got.Equal(fixtures.NewInt(1)) {
				t.Errorf("a is %s", got)
			}
			response = Ask[Response](t, w, "request", Args{"cookie": cookie, "program": []any{
				[]any{"set", "a", fixtures.NewInt(2)},
				[]any{"flush"},
				[]any{"set", "b", fixtures.NewInt(2)},
			}, "status": 302})
			if response.Status != 302 || len(response.Header("Set-Cookie")) != 1 {
				t.Errorf("after flush: %+v", response)
			}
		})
	}
}

func TestLoginIsReal(t *testing.T) {
	for _, django := range oldestAndNewest(t) {
		t.Run(django.Name, func(t *testing.T) {
			t.Parallel()
			w := django.Start(t, Config{Settings: map[string]any{
				"PASSWORD_HASHERS": []string{"django.contrib.auth.hashers.MD5PasswordHasher"},
			}})
			Tell(t, w, "migrate", nil)
			Tell(t, w, "create_user", Args{"username": "ann", "password": "secret"})
			visit := func(key string, step ...any) (who any, session string) {
				t.Helper()
				answer := Ask[[]struct {
					SessionKey string `json:"session_key"`
					Results    []any  `json:"results"`
				}](t, w, "visit_many", Args{"visits": []any{Args{"session_key": key, "steps": []any{step, []any{"who"}}}}})[0]
				return answer.Results[1], answer.SessionKey
			}
			if who, _ := visit("", "log in", "ann", "Secret"); who != nil {
				t.Errorf("with a wrong password %q is logged in", who)
			}
			who, key := visit("", "log in", "ann", "secret")
			if who != "ann" || key == "" {
				t.Errorf("logged in is %q, by the session %q", who, key)
			}
			if who, _ := visit(key, "get", "nothing"); who != "ann" {
				t.Errorf("logged in on the next visit is %q", who)
			}
			Tell(t, w, "delete", Args{"session_key": key})
			if who, _ := visit(key, "get", "nothing"); who != nil {
				t.Errorf("still logged in: %q", who)
			}
		})
	}
}

func TestWorkerErrorsAreTheExceptions(t *testing.T) {
	w := NewestDjango(t).Start(t, Config{})
	err := w.Call("load", Args{"session_key": "k2345678"}, nil) // the table is not there
	if err != nil {
		t.Fatalf("loading reports Django's exception as its result, not as an error: %v", err)
	}
	err = w.Call("write_row", Args{"session_key": "k", "session_data": "", "expire_date": "never"}, nil)
	var raised *managepy.RemoteError
	if !errors.As(err, &raised) || raised.Type != "ValueError" {
		t.Errorf("got %v, want a ValueError", err)
	}
}

// TestParseJSONAgreesWithPython compares this module's plain JSON reader, by which other
// tests judge, with each Python's own.
func TestParseJSONAgreesWithPython(t *testing.T) {
	for _, django := range Djangos(t) {
		t.Run(django.Name, func(t *testing.T) {
			t.Parallel()
			w := django.Start(t, Config{})
			documents := []string{
				`{"a":1,"b":2,"a":3}`, `{"f":[1E5,1.50,1e999,-0,-0.0,1e-7,0.0001,123456789012345678,1e15,1e16]}`,
				`{"s":"\ud83d\ude00\ud800x\/\u007f\u00e9` + "\xe9\x7f" + `"}`, ` { "w" : [ ] , "x" : { } } `, `{"n":[NaN,Infinity,-Infinity]}`,
				`{"bad":01}`, `{"bad":1.}`, `{"bad":+1}`, `{"bad":"` + "\t" + `"}`, `{"bad":"\x"}`, `{"bad":"\u12g4"}`, `{"a":1,}`,
				`{"bad":[1 2]}`, `{"a":1}x`, `{"bad":nan}`, ``, `{`, `{"a"`, `{"a":"\ud83d`, `{"a":-}`, `{"i":` + strings.Repeat("9", 4300) + `}`,
				`{"i":` + strings.Repeat("9", 4301) + `}`, `{"i":-` + strings.Repeat("9", 4301) + `}`,
			}
			for _, v := range Ask[[]Verdict](t, w, "parse_many", Args{"documents": hexOf(documents)}) {
				document := documents[0]
				documents = documents[1:]
				got, err := fixtures.ParseJSON([]byte(document))
				if (err == nil) != (v.Verdict == fixtures.OK) {
					t.Errorf("%.60q: Python says %s, this says %v", document, v.Verdict, err)
				} else if err == nil && !got.Equal(v.Value) {
					t.Errorf("%.60q: Python reads\n%s\nthis reads\n%s", document, v.Value, got)
				}
			}
		})
	}
}

func hexOf(documents []string) []string {
	encoded := make([]string, len(documents))
	for i, document := range documents {
		encoded[i] = fmt.Sprintf("%x", document)
	}
	return encoded
}
