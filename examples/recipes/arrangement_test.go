package recipes

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// framework is one arrangement with the tests' routes added to it: /error, which
// counts a visit and fails, /panic, /move, /stream, /hijack and /form.
type framework struct {
	serve func(*testSite) (url string)
	// What a framework cannot do, or does in a way of its own.
	closesOnPanic bool // instead of answering 500
	unlikeNetHTTP bool // streams after the handler has returned, and hijacks by other means
}

var frameworks = map[string]framework{
	"net/http":        {serve: serveNetHTTP, closesOnPanic: true},
	"chi":             {serve: serveChi},
	"gin":             {serve: serveGin},
	"echo":            {serve: serveEcho},
	"echo, one group": {serve: serveEchoGroup},
	"echo 4":          {serve: serveEcho4},
	"fiber":           {serve: serveFiber, unlikeNetHTTP: true},
}

// each runs a test against every framework, on a site of its own.
func each(t *testing.T, test func(*testing.T, framework, *testSite, *visitor)) {
	for name, f := range frameworks {
		t.Run(name, func(t *testing.T) {
			site := newTestSite(t)
			test(t, f, site, newVisitor(t, f.serve(site)))
		})
	}
}

func TestSessionIsReadAndSaved(t *testing.T) {
	each(t, func(t *testing.T, _ framework, site *testSite, v *visitor) {
		for want, text := range []string{"1", "2", "3"} {
			a := v.get("/visits")
			if a.StatusCode != http.StatusOK || a.text != text {
				t.Errorf("%s %q, want %q", a.Status, a.text, text)
			}
			if got := a.Header.Values("Vary"); strings.Join(got, ",") != "Cookie" {
				t.Errorf("Vary: %q, want Cookie", got)
			}
			if got := site.visits(v.key()); got != want+1 {
				t.Errorf("%d visits are stored, want %d", got, want+1)
			}
		}
		if n := site.sessions(); n != 1 {
			t.Errorf("%d sessions are stored, want 1", n)
		}
	})
}

// A request that ends in an error or a panic is answered 500 and saves nothing.
func TestFailureSavesNothing(t *testing.T) {
	each(t, func(t *testing.T, f framework, site *testSite, v *visitor) {
		for _, path := range []string{"/error", "/panic"} {
			fail := func() {
				t.Helper()
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.base.String()+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				a, err := v.do(r)
				switch {
				case path == "/panic" && f.closesOnPanic:
					if err == nil {
						t.Errorf("%s: %s, want a closed connection", path, a.Status)
					}
				case err != nil:
					t.Error(err)
				case a.StatusCode != http.StatusInternalServerError || len(a.Cookies()) != 0:
					t.Errorf("%s: %s with %d cookies, want 500 without any", path, a.Status, len(a.Cookies()))
				}
			}
			before := site.sessions()
			fail()
			if n := site.sessions(); n != before {
				t.Errorf("%s made a session", path)
			}
			v.get("/visits")
			stored := site.visits(v.key())
			fail()
			if n := site.visits(v.key()); n != stored {
				t.Errorf("%s: %d visits are stored, want %d", path, n, stored)
			}
		}
	})
}

// A path that is not there asks for no session.
func TestNotFound(t *testing.T) {
	each(t, func(t *testing.T, _ framework, _ *testSite, v *visitor) {
		if a := v.get("/nowhere"); a.StatusCode != http.StatusNotFound || a.Header.Get("Vary") != "" || len(a.Cookies()) != 0 {
			t.Errorf("%s, Vary %q, %d cookies; want 404 without either", a.Status, a.Header.Get("Vary"), len(a.Cookies()))
		}
	})
}

// A redirect carries the cookie of the session's new key, and the cookie that the
// handler set.
func TestRedirectWithNewKey(t *testing.T) {
	each(t, func(t *testing.T, _ framework, site *testSite, v *visitor) {
		v.get("/visits")
		before := v.key()
		a := v.get("/move")
		if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/visits" {
			t.Errorf("%s to %q, want 303 to /visits", a.Status, a.Header.Get("Location"))
		}
		if v.key() == before || site.visits(v.key()) != 1 || site.sessions() != 1 {
			t.Error("the session did not move to the key in the cookie")
		}
		if v.cookie("other") != "1" {
			t.Error("the handler's own cookie is missing")
		}
		if a := v.get("/visits"); a.text != "2" {
			t.Errorf("the next visit is %q, want 2", a.text)
		}
	})
}

// A database that is down is answered 503 and logged once, whatever the handler
// and the framework make of the error.
func TestDatabaseDown(t *testing.T) {
	each(t, func(t *testing.T, _ framework, site *testSite, v *visitor) {
		v.get("/visits")
		site.db.Close()
		a := v.get("/visits")
		if a.StatusCode != http.StatusServiceUnavailable || a.text != "Service Unavailable\n" {
			t.Errorf("%s %q, want 503", a.Status, a.text)
		}
		if len(a.Cookies()) != 0 || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%d cookies, Cache-Control %q", len(a.Cookies()), a.Header.Get("Cache-Control"))
		}
		if n := strings.Count(site.logs.String(), "level=ERROR"); n != 1 {
			t.Errorf("%d lines were logged, want 1:\n%s", n, site.logs)
		}
	})
}

// A user table that is down is answered 503 and logged once, without a word of it to the
// visitor, and the session stays as it was.
func TestUserTableDown(t *testing.T) {
	each(t, func(t *testing.T, _ framework, site *testSite, v *visitor) {
		v.get("/visits")
		session, err := site.Sessions.Load(t.Context(), v.key())
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{"_auth_user_id": "1", "_auth_user_backend": "django.contrib.auth.backends.ModelBackend", "_auth_user_hash": "x"} {
			if err := session.Set(name, value); err != nil {
				t.Fatal(err)
			}
		}
		if err := session.Save(t.Context()); err != nil {
			t.Fatal(err)
		}
		site.db.MustExec("DROP TABLE auth_user")
		a := v.get("/visits")
		if a.StatusCode != http.StatusServiceUnavailable || a.text != "Service Unavailable\n" {
			t.Errorf("%s %q, want 503", a.Status, a.text)
		}
		if len(a.Cookies()) != 0 || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%d cookies, Cache-Control %q", len(a.Cookies()), a.Header.Get("Cache-Control"))
		}
		if logs := site.logs.String(); strings.Count(logs, "level=ERROR") != 1 || !strings.Contains(logs, "auth_user") {
			t.Errorf("logged %s; want one line that names the table", logs)
		}
		if n := site.visits(v.key()); n != 1 {
			t.Errorf("%d visits are stored, want 1", n)
		}
	})
}

// A forged form is refused, and one with its token gets through.
func TestForms(t *testing.T) {
	each(t, func(t *testing.T, _ framework, _ *testSite, v *visitor) {
		const secret = "abcdefghijklmnopqrstuvwxyz012345"
		for token, want := range map[string]int{"": http.StatusForbidden, secret: http.StatusOK} {
			form := url.Values{"csrfmiddlewaretoken": {token}, "name": {"value"}}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.base.String()+"/form", strings.NewReader(form.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Cookie", "csrftoken="+secret)
			a, err := v.do(r)
			if err != nil {
				t.Fatal(err)
			}
			if a.StatusCode != want || want == http.StatusOK && a.text != "value" {
				t.Errorf("token %q: %s %q, want %d", token, a.Status, a.text, want)
			}
		}
	})
}

// A response that streams has its cookie from the start. What the handler changes
// afterwards is saved when it returns.
func TestStream(t *testing.T) {
	each(t, func(t *testing.T, f framework, site *testSite, v *visitor) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.base.String()+"/stream", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := v.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		part := make([]byte, 4)
		if _, err := io.ReadFull(res.Body, part); err != nil || string(part) != "one " {
			t.Fatalf("%q, %v; want the first part before the second is written", part, err)
		}
		if site.visits(v.key()) != 1 {
			t.Error("the session was not saved before the headers left")
		}
		close(site.next)
		late := <-site.late
		rest, err := io.ReadAll(res.Body)
		if err != nil || string(rest) != "two" {
			t.Errorf("the rest is %q, %v", rest, err)
		}
		want := 2
		if f.unlikeNetHTTP {
			want = 1
		}
		if got := site.visits(v.key()); got != want || (late != nil) != f.unlikeNetHTTP {
			t.Errorf("%d visits are stored, want %d; the change while streaming returned %v", got, want, late)
		}
	})
}

// A handler may hijack the connection of a visitor whose session has its cookie.
func TestHijack(t *testing.T) {
	each(t, func(t *testing.T, _ framework, site *testSite, v *visitor) {
		v.get("/visits")
		conn, err := net.Dial("tcp", v.base.Host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		request := "GET /hijack HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: test\r\nCookie: sessionid=" + v.key() + "\r\n\r\n"
		if _, err := io.WriteString(conn, request); err != nil {
			t.Fatal(err)
		}
		b := bufio.NewReader(conn)
		res, err := http.ReadResponse(b, nil)
		if err != nil {
			t.Fatal(err)
		}
		hello := make([]byte, 5)
		if _, err := io.ReadFull(b, hello); err != nil || res.StatusCode != http.StatusSwitchingProtocols || string(hello) != "hello" {
			t.Errorf("%s %q, %v; want 101 and hello on the hijacked connection", res.Status, hello, err)
		}
		if n := site.visits(v.key()); n != 2 {
			t.Errorf("%d visits are stored, want 2", n)
		}
	})
}
