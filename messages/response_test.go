package messages_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
)

func recorded(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// After the headers were sent, a session that the browser has is saved; a cookie cannot be
// set any more.
func TestAfterTheHeaders(t *testing.T) {
	for _, c := range []struct {
		storage string
		held    bool // the browser has a session
		late    string
	}{{sessionStorage, true, "stored,added"}, {sessionStorage, false, ""}, {fallbackStorage, true, ""}, {cookieStorage, true, ""}} {
		st := newSite(t, in(c.storage))
		r, key := request(""), st.session(t, oneStored)
		if c.held {
			r = request("sessionid=" + key)
		}
		w := st.serve(t, r, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(200)
			add(t, st)(w, r)
		})
		check(t, "Set-Cookie", w.Header().Get("Set-Cookie"), "")
		lost := strings.Contains(st.logs.Take(), "messages after the response headers were not stored")
		check(t, "lost", lost, c.late == "")
		if c.late != "" {
			check(t, "afterwards", st.showing(t, []string{"sessionid=" + key}), c.late)
		}
	}
}

// What was stored before the headers is not stored again.
func TestBeforeAndAfterTheHeaders(t *testing.T) {
	st := newSite(t, in(sessionStorage))
	key := st.session(t, oneStored)
	st.serve(t, request("sessionid="+key), func(w http.ResponseWriter, r *http.Request) {
		must(t, st.Info(r, "before"))
		w.WriteHeader(200)
		must(t, st.Info(r, "after"))
	})
	check(t, "afterwards", st.showing(t, []string{"sessionid=" + key}), "stored,before,after")

	key = st.session(t, oneStored)
	st.serve(t, request("sessionid="+key), func(w http.ResponseWriter, r *http.Request) {
		must(t, st.Info(r, "before"))
		w.WriteHeader(200)
		get(t, st)(w, r)
		must(t, st.Info(r, "after"))
	})
	check(t, "afterwards", st.showing(t, []string{"sessionid=" + key}), "after")
}

// A cookie that the handler sets, as a proxied Django does, is kept.
func TestForeignCookie(t *testing.T) {
	st := newSite(t, nil)
	w := st.serve(t, request(""), func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "messages", Value: "Django's"})
		add(t, st)(w, r)
	})
	check(t, "Set-Cookie", strings.Join(w.Header()["Set-Cookie"], "\n"), "messages=Django's")
	check(t, "logged", strings.Contains(st.logs.String(), "messages were not stored"), true)
}

// A response that sets the session's cookie itself keeps it, and the session of the request
// is not saved.
func TestForeignSessionCookie(t *testing.T) {
	st := newSite(t, in(sessionStorage))
	key := st.session(t, oneStored)
	w := st.serve(t, request("sessionid="+key), func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "sessionid", Value: "0123456789abcdefghijklmnopqrstuv"})
		add(t, st)(w, r)
	})
	check(t, "status", w.Code, 200)
	check(t, "Set-Cookie", strings.Join(w.Header()["Set-Cookie"], "\n"), "sessionid=0123456789abcdefghijklmnopqrstuv")
}

func TestPanicStoresNothing(t *testing.T) {
	st := newSite(t, nil)
	w := httptest.NewRecorder()
	func() {
		defer func() { _ = recover() }()
		st.handler(func(w http.ResponseWriter, r *http.Request) { add(t, st)(w, r); panic("handler") }).ServeHTTP(w, request(""))
	}()
	check(t, "Set-Cookie", w.Header().Get("Set-Cookie"), "")
}

// A middleware inside another of the same site leaves the storing to that one.
func TestNestedMiddlewares(t *testing.T) {
	st := newSite(t, nil)
	h := st.sessions.Middleware(st.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		must(t, st.Info(r, "outside"))
		st.Middleware(http.HandlerFunc(add(t, st))).ServeHTTP(w, r)
	})))
	check(t, "messages", st.showing(t, recorded(h, request("")).Header()["Set-Cookie"]), "outside,added")
}

// The cookie holds what fits: with CookieStorage the newest messages.
func TestDroppedMessages(t *testing.T) {
	st := newSite(t, in(cookieStorage))
	w := st.serve(t, request(""), func(_ http.ResponseWriter, r *http.Request) {
		for i := range 3000 {
			must(t, st.Info(r, fmt.Sprint(i)))
		}
	})
	texts := strings.Split(st.showing(t, w.Header()["Set-Cookie"]), ",")
	if last := texts[len(texts)-1]; len(texts) < 50 || len(texts) > 2000 || last != "2999" {
		t.Errorf("%d messages, the last is %s", len(texts), last)
	}
	check(t, "logged", strings.Contains(st.logs.Take(), "messages were dropped"), true)
	for _, line := range w.Header()["Set-Cookie"] {
		if value, _, _ := strings.Cut(line, ";"); len(value) > len("messages=")+2048 {
			t.Errorf("a cookie of %d characters", len(value))
		}
	}
}

// Messages survive a login and a logout in the request that adds them.
func TestNewSessionKey(t *testing.T) {
	for name, change := range map[string]func(*django.Session, *http.Request) error{
		"cycled":  func(s *django.Session, _ *http.Request) error { s.CycleKey(); return nil },
		"flushed": func(s *django.Session, r *http.Request) error { return s.Flush(r.Context()) },
	} {
		st := newSite(t, in(sessionStorage))
		w := st.serve(t, request("sessionid="+st.session(t, oneStored)), func(w http.ResponseWriter, r *http.Request) {
			must(t, st.Info(r, "before"))
			s, err := st.sessions.Get(r)
			must(t, err)
			must(t, change(s, r))
			add(t, st)(w, r)
		})
		want := map[string]string{"cycled": "stored,before,added", "flushed": "before,added"}
		check(t, name, st.showing(t, w.Header()["Set-Cookie"]), want[name])
	}
}

// What does not fit into the cookie goes into the session, in place of what was left there
// when the browser lost its cookie.
func TestLeftInTheSession(t *testing.T) {
	st := newSite(t, nil)
	key := st.session(t, oneStored)
	w := st.serve(t, request("sessionid="+key), add(t, st))
	check(t, "without the cookie", st.showing(t, append(w.Header()["Set-Cookie"], "sessionid="+key)), "added")
	check(t, "left", *st.stored(t, key), oneStored)

	w = st.serve(t, request("sessionid="+key), func(w http.ResponseWriter, r *http.Request) {
		for i := range 3000 {
			must(t, st.Info(r, fmt.Sprint(i)))
		}
	})
	texts := strings.Split(st.showing(t, append(w.Header()["Set-Cookie"], "sessionid="+key)), ",")
	check(t, "messages", len(texts), 3000)
	check(t, "last", texts[len(texts)-1], "2999")
	check(t, "afterwards", st.stored(t, key) == nil, true)
}
