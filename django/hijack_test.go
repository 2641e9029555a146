package django_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
)

// handshake answers a hijacked connection as a WebSocket library does: with headers of
// its own.
func handshake(conn net.Conn) {
	fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	_ = conn.Close()
}

// upgrade asks for another protocol, with a session cookie ("" is none).
func upgrade(t *testing.T, s *httptest.Server, key string) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	must(t, err)
	defer conn.Close()
	header := ""
	if key != "" {
		header = "Cookie: sessionid=" + key + "\r\n"
	}
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n%s\r\n", header)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	_, _ = io.ReadAll(res.Body)
	return res
}

// A handler that hijacks and writes headers of its own: what needs no new cookie is
// saved, a renewal is dropped, and what needs one is refused, so that no session moves
// to a key that the browser does not have.
func TestHijackAndCookies(t *testing.T) {
	for name, c := range map[string]struct {
		cookie  string
		change  func(*testing.T, *site, *http.Request)
		refused bool
		stored  string // under validKey
	}{
		"nothing": {validKey, func(*testing.T, *site, *http.Request) {}, false, `{"a":1}`},
		"read":    {validKey, func(t *testing.T, st *site, r *http.Request) { st.get(r).Get("a") }, false, `{"a":1}`},
		"set":     {validKey, func(t *testing.T, st *site, r *http.Request) { must(t, st.get(r).Set("b", 1)) }, false, `{"a":1,"b":1}`},
		"renew":   {validKey, func(t *testing.T, st *site, r *http.Request) { must(t, st.get(r).Renew("a", 2)) }, false, `{"a":1}`},
		"flush":   {validKey, func(t *testing.T, st *site, r *http.Request) { must(t, st.get(r).Flush(r.Context())) }, false, ``},
		"cycle":   {validKey, func(t *testing.T, st *site, r *http.Request) { st.get(r).CycleKey() }, true, ``},
		"renew and set": {validKey, func(t *testing.T, st *site, r *http.Request) {
			must(t, st.get(r).Renew("a", 2))
			must(t, st.get(r).Set("b", 1))
		}, true, ``},
		"cycled and saved": {validKey, func(t *testing.T, st *site, r *http.Request) {
			st.get(r).CycleKey()
			must(t, st.get(r).Save(r.Context()))
		}, true, ``},
		"new":           {"", func(t *testing.T, st *site, r *http.Request) { must(t, st.get(r).Set("b", 1)) }, true, `{"a":1}`},
		"new and empty": {"", func(t *testing.T, st *site, r *http.Request) { st.get(r).MarkModified() }, false, `{"a":1}`},
		"new and saved": {"", func(t *testing.T, st *site, r *http.Request) {
			must(t, st.get(r).Set("b", 1))
			must(t, st.get(r).Save(r.Context()))
		}, true, `{"a":1}`},
		"new and updated": {"", func(t *testing.T, st *site, r *http.Request) { must(t, st.UpdateRequest(r, increment)) }, true, `{"a":1}`},
		"unknown key":     {unknownKey, func(t *testing.T, st *site, r *http.Request) { must(t, st.get(r).Set("b", 1)) }, true, `{"a":1}`},
		"abandoned":       {validKey, func(t *testing.T, st *site, r *http.Request) { st.get(r).Abandon() }, false, `{"a":1}`},
	} {
		for _, every := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/every=%t", name, every), func(t *testing.T) {
				st := newSite(t, func(s *django.Settings) { s.SessionSaveEveryRequest = every })
				st.put(validKey, `{"a":1}`)
				res := upgrade(t, st.server(false, func(w http.ResponseWriter, r *http.Request) {
					c.change(t, st, r)
					conn, _, err := w.(http.Hijacker).Hijack()
					if err == nil {
						handshake(conn)
						return
					}
					if !errors.Is(err, django.ErrHeadersSent) || !strings.Contains(err.Error(), "WriteHeader") {
						t.Errorf("Hijack: %v", err)
					}
					http.Error(w, "no WebSocket", http.StatusUpgradeRequired)
				}), c.cookie)
				check(t, "the status", res.StatusCode, map[bool]int{false: 101, true: 426}[c.refused])
				check(t, "cookies", len(res.Cookies()), map[bool]int{false: 0, true: 1}[c.refused])
				check(t, "what is stored", st.data(validKey), c.stored)
				if c.refused {
					check(t, "whether the cookie leads to a session", st.data(res.Cookies()[0].Value) != "", true)
				}
				check(t, "an error is logged", strings.Contains(st.logs.String(), "level=ERROR"), false)
			})
		}
	}
}

// A handler that sends its handshake by WriteHeader sends the cookie with it, as some
// WebSocket libraries do.
func TestHijackAfterWriteHeader(t *testing.T) {
	st := newSite(t, nil)
	res := upgrade(t, st.server(false, func(w http.ResponseWriter, r *http.Request) {
		must(t, st.get(r).Set("b", 1))
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "websocket")
		w.WriteHeader(http.StatusSwitchingProtocols)
		conn, _, err := w.(http.Hijacker).Hijack()
		must(t, err)
		_ = conn.Close()
	}), "")
	check(t, "the status", res.StatusCode, 101)
	check(t, "cookies", len(res.Cookies()), 1)
	check(t, "what is stored", st.data(res.Cookies()[0].Value), `{"b":1}`)
}

// refusingHijack refuses to be hijacked, as wrappers do under HTTP/2.
type refusingHijack struct{ http.ResponseWriter }

func (refusingHijack) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, errors.New("not under HTTP/2")
}

// After a refused Hijack the response is still to come: with its changes, and one cookie.
func TestRefusedHijack(t *testing.T) {
	for _, before := range []bool{false, true} {
		st := newSite(t, nil)
		st.put(validKey, `{"a":1}`)
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", "sessionid="+validKey)
		st.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if before {
				must(t, st.get(r).Set("b", 1))
			}
			if _, _, err := w.(http.Hijacker).Hijack(); err == nil || errors.Is(err, django.ErrHeadersSent) {
				t.Errorf("Hijack: %v", err)
			}
			st.get(r).CycleKey()
			must(t, st.get(r).Set("c", 1))
			w.WriteHeader(http.StatusAccepted)
		})).ServeHTTP(refusingHijack{w}, r)
		check(t, "the status", w.Code, http.StatusAccepted)
		check(t, "cookies", len(w.Result().Cookies()), 1)
		check(t, "what is stored", st.data(w.Result().Cookies()[0].Value), map[bool]string{false: `{"a":1,"c":1}`, true: `{"a":1,"b":1,"c":1}`}[before])
	}
}

// hijackable is a writer whose Hijack does something first.
type hijackable struct {
	*httptest.ResponseRecorder
	during func()
}

func (h hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	h.during()
	conn, _ := net.Pipe()
	return conn, nil, nil
}

// hijack serves a request whose connection can be hijacked, and calls during meanwhile.
func (st *site) hijack(key string, during func(), h http.HandlerFunc) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "sessionid="+key)
	st.Middleware(h).ServeHTTP(hijackable{httptest.NewRecorder(), during}, r)
}

// A Hijack that fails, or panics, changes nothing of what the response will be.
func TestFailedHijackChangesNothing(t *testing.T) {
	for _, every := range []bool{false, true} {
		for _, key := range []string{"", unknownKey, validKey} {
			for _, renew := range []bool{false, true} {
				for how, during := range map[string]func(){"refused": nil, "panics": func() { panic("the writer's") }} {
					var cookies [2]string
					for i := range 2 {
						st := newSite(t, func(s *django.Settings) { s.SessionSaveEveryRequest = every })
						st.put(validKey, `{"a":1}`)
						rec := httptest.NewRecorder()
						r := httptest.NewRequest("GET", "/", nil)
						if key != "" {
							r.Header.Set("Cookie", "sessionid="+key)
						}
						var w http.ResponseWriter = refusingHijack{rec}
						if during != nil {
							w = hijackable{rec, during}
						}
						st.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
							if renew {
								must(t, st.get(r).Renew("h", 1))
							}
							if i == 1 {
								func() {
									defer func() { _ = recover() }()
									_, _, _ = w.(http.Hijacker).Hijack()
								}()
							}
						})).ServeHTTP(w, r)
						for _, c := range rec.Result().Cookies() {
							cookies[i] += fmt.Sprint(c.MaxAge, c.Value == validKey, len(c.Value), st.data(c.Value))
						}
					}
					if cookies[0] != cookies[1] {
						t.Errorf("every=%t key=%.7q renew=%t: %q without, %q after a Hijack that %s", every, key, renew, cookies[0], cookies[1], how)
					}
				}
			}
		}
	}
}

// A hijacked connection works, its session is saved first, and what is changed
// while it lasts is saved at its end.
func TestHijack(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	done := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		st.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			must(t, st.get(r).Set("b", 1))
			conn, rw, err := w.(http.Hijacker).Hijack()
			must(t, err)
			defer conn.Close()
			check(t, "what is stored", st.data(validKey), `{"a":1,"b":1}`)
			fmt.Fprint(rw, "HTTP/1.1 101 Switching Protocols\r\n\r\nhello\n")
			must(t, rw.Flush())
			must(t, st.get(r).Set("late", 1))
		})).ServeHTTP(w, r)
	}))
	defer s.Close()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	must(t, err)
	defer conn.Close()
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\nCookie: sessionid=%s\r\n\r\n", validKey)
	answer, err := io.ReadAll(conn)
	must(t, err)
	<-done
	if !strings.HasSuffix(string(answer), "\r\n\r\nhello\n") {
		t.Errorf("the answer is %q", answer)
	}
	check(t, "what is stored at the end", st.data(validKey), `{"a":1,"b":1,"late":1}`)
}

// A hijack whose session fails is answered with the error.
func TestHijackAndStoreFailure(t *testing.T) {
	st := newSite(t, nil)
	st.store.fail("Load", errDown)
	s := st.server(false, func(w http.ResponseWriter, r *http.Request) {
		_, _ = st.Get(r)
		if _, _, err := http.NewResponseController(w).Hijack(); err == nil {
			t.Error("hijacked")
		}
	})
	check(t, "the status", ask(t, s, "GET", validKey).StatusCode, http.StatusServiceUnavailable)
}

// A protocol upgrade passes through a reverse proxy.
func TestUpgradeThroughAProxy(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	front := upstream(t, st, func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		must(t, err)
		defer conn.Close()
		fmt.Fprint(rw, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		must(t, rw.Flush())
		line, err := rw.ReadString('\n')
		must(t, err)
		fmt.Fprint(rw, line)
		must(t, rw.Flush())
	}, func(r *http.Request) { must(t, st.get(r).Set("b", 1)) })
	conn, err := net.Dial("tcp", front.Listener.Addr().String())
	must(t, err)
	defer conn.Close()
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\nCookie: sessionid=%s\r\n\r\n", validKey)
	in := bufio.NewReader(conn)
	res, err := http.ReadResponse(in, nil)
	must(t, err)
	check(t, "the status", res.StatusCode, 101)
	check(t, "cookies", len(res.Cookies()), 1)
	fmt.Fprint(conn, "hello\n")
	line, err := in.ReadString('\n')
	must(t, err)
	check(t, "the echo", line, "hello\n")
	check(t, "what is stored", st.data(validKey), `{"a":1,"b":1}`)
}
