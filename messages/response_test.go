package messages_test

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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

// A hijacked connection gets the cookie in the header that its handler sends. If the
// connection cannot be hijacked, the answer has it.
func TestHijack(t *testing.T) {
	st := newSite(t, nil)
	h := st.handler(func(w http.ResponseWriter, r *http.Request) {
		add(t, st)(w, r)
		conn, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		fmt.Fprint(buf, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n")
		must(t, w.Header().Write(buf))
		fmt.Fprint(buf, "\r\n")
		must(t, buf.Flush())
	})
	server := httptest.NewServer(h)
	defer server.Close()
	res, err := http.Get(server.URL)
	must(t, err)
	_, _ = bufio.NewReader(res.Body).ReadByte()
	must(t, res.Body.Close())
	check(t, "status", res.StatusCode, 101)
	check(t, "after a hijack", st.showing(t, res.Header["Set-Cookie"]), "added")
	check(t, "after none", st.showing(t, recorded(h, request("")).Header()["Set-Cookie"]), "added")
	check(t, "log", st.logs.String(), "")
}
