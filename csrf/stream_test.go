package csrf_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// server serves h behind both middlewares, by HTTP/1.1 or HTTP/2.
func (st *site) server(http2 bool, h http.HandlerFunc) *httptest.Server {
	st.t.Helper()
	return testenv.Serve(st.t, http2, st.handler(h))
}

func get(t testing.TB, s *httptest.Server, cookie string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", s.URL, nil)
	must(t, err)
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	res, err := s.Client().Transport.RoundTrip(r)
	must(t, err)
	t.Cleanup(func() { res.Body.Close() })
	return res
}

// A token that was asked for before the first byte has its cookie in the headers,
// however the response begins, and the pieces arrive one by one.
func TestCookieLeavesWithTheHeaders(t *testing.T) {
	begins := map[string]func(http.ResponseWriter){
		"Write":       func(w http.ResponseWriter) { _, _ = w.Write([]byte("hello")) },
		"WriteString": func(w http.ResponseWriter) { _, _ = io.WriteString(w, "hello") },
		"WriteHeader": func(w http.ResponseWriter) { w.WriteHeader(202); fmt.Fprint(w, "hello") },
		"error":       func(w http.ResponseWriter) { w.WriteHeader(500); fmt.Fprint(w, "hello") },
		"ReadFrom":    func(w http.ResponseWriter) { _, _ = io.Copy(w, strings.NewReader("hello")) },
		"Flush":       func(w http.ResponseWriter) { w.(http.Flusher).Flush(); fmt.Fprint(w, "hello") },
		"nothing":     func(http.ResponseWriter) {},
	}
	testenv.EachProtocol(t, func(t *testing.T, http2 bool) {
		for _, change := range []func(*django.Settings){nil, inSessions} {
			for name, begin := range begins {
				st := newSite(t, change)
				res := get(t, st.server(http2, func(w http.ResponseWriter, r *http.Request) {
					_, err := st.Token(r)
					must(t, err)
					begin(w)
				}), "")
				body, err := io.ReadAll(res.Body)
				must(t, err)
				if want := "hello"; name != "nothing" && string(body) != want {
					t.Errorf("%s: body %q", name, body)
				}
				// Django's sessions, too, are not saved by a response that failed.
				if cookies := res.Cookies(); len(cookies) != 1 && !(name == "error" && change != nil) {
					t.Errorf("%s: cookies %v", name, cookies)
				}
			}
		}
	})
}

func TestStreaming(t *testing.T) {
	testenv.EachProtocol(t, func(t *testing.T, http2 bool) {
		st := newSite(t, nil)
		read := make(chan struct{})
		res := get(t, st.server(http2, func(w http.ResponseWriter, r *http.Request) {
			_, err := st.Token(r)
			must(t, err)
			for range 3 {
				fmt.Fprintln(w, "piece")
				must(t, http.NewResponseController(w).Flush())
				select {
				case <-read:
				case <-time.After(time.Minute):
					t.Error("the client got no piece")
					return
				}
			}
		}), "")
		check(t, "cookies", len(res.Cookies()), 1)
		for in := bufio.NewReader(res.Body); ; {
			line, err := in.ReadString('\n')
			if err == io.EOF {
				break
			}
			must(t, err)
			check(t, "the piece", line, "piece\n")
			read <- struct{}{}
		}
	})
}

// A new secret that comes too late for its cookie is logged; that of a browser
// that has one is not, since its form works anyway.
func TestTokenAfterTheHeaders(t *testing.T) {
	for _, c := range []struct {
		cookie string
		rotate bool
		logged bool
	}{{"", false, true}, {cookieHeader, false, false}, {cookieHeader, true, true}} {
		st := newSite(t, nil)
		r := httptest.NewRequest("GET", "/late", nil)
		if c.cookie != "" {
			r.Header.Set("Cookie", c.cookie)
		}
		w := st.serve(r, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(200)
			if c.rotate {
				st.RotateToken(r)
			}
			token, err := st.Token(r)
			must(t, err)
			check(t, "length", len(token), 64)
		})
		check(t, "Set-Cookie", w.Header().Get("Set-Cookie"), "")
		if got := strings.Contains(st.logs.String(), "headers were sent"); got != c.logged {
			t.Errorf("%+v: the log:\n%s", c, st.logs)
		}
	}
}

// In a session that is there, a new secret can still be stored when the headers
// have gone; without one its own middleware logs that it cannot.
func TestTokenInSessionAfterTheHeaders(t *testing.T) {
	st := newSite(t, inSessions)
	key := st.session("short")
	late := func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		st.page(w, r)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "sessionid="+key)
	w := st.serve(r, late)
	check(t, "the stored secret", st.stored(key), secretOf(tokenOf(t, w.Body.String())))
	check(t, "the log", st.logs.String(), "")

	st.serve(httptest.NewRequest("GET", "/", nil), late)
	if !strings.Contains(st.logs.String(), "session needs a new cookie") {
		t.Errorf("the log:\n%s", st.logs)
	}
}

// A hijacked connection gets the cookie in the header that its handler sends.
func TestHijack(t *testing.T) {
	st := newSite(t, nil)
	res := get(t, st.server(false, func(w http.ResponseWriter, r *http.Request) {
		_, err := st.Token(r)
		must(t, err)
		conn, buf, err := w.(http.Hijacker).Hijack()
		must(t, err)
		defer conn.Close()
		fmt.Fprint(buf, "HTTP/1.1 200 OK\r\nConnection: close\r\n")
		must(t, w.Header().Write(buf))
		fmt.Fprint(buf, "\r\nhijacked")
		must(t, buf.Flush())
	}), "")
	body, err := io.ReadAll(res.Body)
	must(t, err)
	check(t, "body", string(body), "hijacked")
	check(t, "cookies", len(res.Cookies()), 1)
}

// A panic is the server's, and sets no cookie.
func TestPanic(t *testing.T) {
	st := newSite(t, nil)
	w := httptest.NewRecorder()
	func() {
		defer func() { check(t, "the panic", recover(), any("at the handler")) }()
		st.handler(func(_ http.ResponseWriter, r *http.Request) {
			_, err := st.Token(r)
			must(t, err)
			panic("at the handler")
		}).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	}()
	check(t, "Set-Cookie", w.Header().Get("Set-Cookie"), "")
}
