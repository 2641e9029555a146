package messages_test

import (
	"net/http"
	"strings"
	"testing"
)

const oneStored = `[["__json_message", 0, 20, "stored", ""]]`

func add(t testing.TB, st *site) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) { must(t, st.Info(r, "added")) }
}

func get(t testing.TB, st *site) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		if _, err := st.Get(r); err != nil {
			t.Error(err)
		}
	}
}

func nothing(http.ResponseWriter, *http.Request) {}

// The session is loaded and saved, and the cookie set, only if messages are used: one load
// and one save at most.
func TestOnlyUsedMessagesCost(t *testing.T) {
	idle := func(testing.TB, *site) http.HandlerFunc { return nothing }
	below := func(t testing.TB, st *site) http.HandlerFunc {
		return func(_ http.ResponseWriter, r *http.Request) { must(t, st.Debug(r, "x")); must(t, st.Info(r, "")) }
	}
	failed := func(t testing.TB, st *site) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { add(t, st)(w, r); w.WriteHeader(500) }
	}
	for _, c := range []struct {
		name, storage string
		held          any // of the session; nil is no session
		handler       func(testing.TB, *site) http.HandlerFunc
		calls         string
		cookie, vary  bool
	}{
		{"idle", sessionStorage, oneStored, idle, "", false, false},
		{"idle", fallbackStorage, oneStored, idle, "", false, false},
		{"idle, no session", sessionStorage, nil, idle, "", false, false},
		{"dropped", sessionStorage, oneStored, below, "", false, false},
		{"dropped", cookieStorage, nil, below, "", false, false},
		{"add", sessionStorage, oneStored, add, "Load Save", false, true},
		{"add, no session", sessionStorage, nil, add, "Create", false, true},
		{"get", sessionStorage, oneStored, get, "Load Save", false, true},
		{"get nothing", sessionStorage, "", get, "Load", false, true},
		{"get, no session", sessionStorage, nil, get, "", false, true},
		{"add, 500", sessionStorage, oneStored, failed, "", false, false},
		{"add", fallbackStorage, oneStored, add, "", true, true},
		{"get", fallbackStorage, oneStored, get, "", false, true},
		{"add", cookieStorage, oneStored, add, "", true, true},
		{"add, 500", cookieStorage, nil, failed, "", true, true},
		{"get", cookieStorage, nil, get, "", false, true},
	} {
		t.Run(c.name+" "+c.storage[strings.LastIndex(c.storage, ".")+1:], func(t *testing.T) {
			st := newSite(t, in(c.storage))
			r := request("")
			if c.held != nil {
				r.Header.Set("Cookie", "sessionid="+st.session(t, c.held))
			}
			st.store.count()
			w := st.serve(t, r, c.handler(t, st))
			check(t, "calls", st.store.count(), c.calls)
			check(t, "cookie", strings.Contains(strings.Join(w.Header()["Set-Cookie"], "\n"), "messages="), c.cookie)
			check(t, "Vary", w.Header().Get("Vary") == "Cookie", c.vary)
			check(t, "log", st.logs.String(), "")
		})
	}
}
