package django_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	must(t, err)
	return string(b)
}

// server serves h behind the middleware, by HTTP/1.1 or HTTP/2.
func (st *site) server(http2 bool, h http.HandlerFunc) *httptest.Server {
	st.t.Helper()
	return testenv.Serve(st.t, http2, st.Middleware(h))
}

// ask sends a request with a session cookie ("" is none).
func ask(t *testing.T, s *httptest.Server, method, key string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL, nil)
	must(t, err)
	if key != "" {
		r.Header.Set("Cookie", "sessionid="+key)
	}
	res, err := s.Client().Transport.RoundTrip(r)
	must(t, err)
	t.Cleanup(func() { res.Body.Close() })
	return res
}

// However a response begins, the session is stored and its cookie in the headers
// before the first byte leaves.
func TestCommittedBeforeTheFirstByte(t *testing.T) {
	begins := map[string]func(http.ResponseWriter) error{
		"Write":       func(w http.ResponseWriter) error { _, err := w.Write([]byte("hello")); return err },
		"WriteString": func(w http.ResponseWriter) error { _, err := io.WriteString(w, "hello"); return err },
		"WriteHeader": func(w http.ResponseWriter) error {
			w.WriteHeader(202)
			_, err := io.WriteString(w, "hello")
			return err
		},
		"Copy": func(w http.ResponseWriter) error { _, err := io.Copy(w, strings.NewReader("hello")); return err },
		"ReadFrom": func(w http.ResponseWriter) error {
			_, err := io.Copy(w, io.LimitReader(strings.NewReader("hello!"), 5))
			return err
		},
		"Fprint": func(w http.ResponseWriter) error { _, err := fmt.Fprint(w, "hello"); return err },
		"Flush": func(w http.ResponseWriter) error {
			w.(http.Flusher).Flush()
			_, err := io.WriteString(w, "hello")
			return err
		},
		"Controller": func(w http.ResponseWriter) error {
			if err := http.NewResponseController(w).Flush(); err != nil {
				return err
			}
			_, err := io.WriteString(w, "hello")
			return err
		},
		"empty Write": func(w http.ResponseWriter) error {
			if _, err := w.Write(nil); err != nil {
				return err
			}
			_, err := io.WriteString(w, "hello")
			return err
		},
	}
	testenv.EachProtocol(t, func(t *testing.T, http2 bool) {
		for name, begin := range begins {
			st := newSite(t, nil)
			s := st.server(http2, func(w http.ResponseWriter, r *http.Request) {
				must(t, st.get(r).Set("a", 1))
				if err := begin(w); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				check(t, "sessions after "+name, len(st.keys()), 1)
			})
			res := ask(t, s, "GET", "")
			check(t, "the body", body(t, res), "hello")
			check(t, "cookies", len(res.Cookies()), 1)
			check(t, "Vary", res.Header.Get("Vary"), "Cookie")
			check(t, "what is stored", st.data(res.Cookies()[0].Value), `{"a":1}`)
		}
	})
}

// A stream reaches the client piece by piece.
func TestStreaming(t *testing.T) {
	testenv.EachProtocol(t, func(t *testing.T, http2 bool) {
		st := newSite(t, nil)
		st.put(validKey, `{"a":1}`)
		read := make(chan struct{})
		s := st.server(http2, func(w http.ResponseWriter, r *http.Request) {
			must(t, st.get(r).Set("b", 1))
			for range 3 {
				fmt.Fprintln(w, "piece")
				w.(http.Flusher).Flush()
				select {
				case <-read:
				case <-time.After(time.Minute):
					t.Error("the client got no piece")
					return
				}
			}
			must(t, st.get(r).Set("late", 1))
		})
		res := ask(t, s, "GET", validKey)
		check(t, "Set-Cookie is there", res.Header.Get("Set-Cookie") != "", true)
		in := bufio.NewReader(res.Body)
		for range 3 {
			line, err := in.ReadString('\n')
			must(t, err)
			check(t, "the piece", line, "piece\n")
			read <- struct{}{}
		}
		_, _ = io.ReadAll(in)
		check(t, "what is stored", st.data(validKey), `{"a":1,"b":1,"late":1}`)
		check(t, "calls", st.store.count(), "Load Save Save")
	})
}

// After the headers have gone a change is saved if the session has its cookie,
// and logged if it has not; nothing is left under a key that nobody knows.
func TestLateChanges(t *testing.T) {
	tests := []struct {
		name, cookie string
		late         func(*http.Request, *site) error
		stored       string // under validKey, at the end
		logged       bool
	}{
		{"set", validKey, func(r *http.Request, st *site) error { return st.get(r).Set("b", 1) }, `{"a":1,"b":1}`, false},
		{"read", validKey, func(r *http.Request, st *site) error { st.get(r).Get("a"); return nil }, `{"a":1}`, false},
		{"clear", validKey, func(r *http.Request, st *site) error { st.get(r).Clear(); return nil }, `{}`, false},
		{"flush", validKey, func(r *http.Request, st *site) error { return st.get(r).Flush(r.Context()) }, ``, false},
		{"cycle", validKey, func(r *http.Request, st *site) error { st.get(r).CycleKey(); return nil }, `{"a":1}`, true},
		{"new", "", func(r *http.Request, st *site) error { return st.get(r).Set("b", 1) }, `{"a":1}`, true},
		{"unknown", unknownKey, func(r *http.Request, st *site) error { return st.get(r).Set("b", 1) }, `{"a":1}`, true},
		{"new and empty", "", func(r *http.Request, st *site) error { st.get(r).MarkModified(); return nil }, `{"a":1}`, false},
		{"flush and set", validKey, func(r *http.Request, st *site) error {
			if err := st.get(r).Flush(r.Context()); err != nil {
				return err
			}
			return st.get(r).Set("b", 1)
		}, ``, true},
		{"saved by hand", validKey, func(r *http.Request, st *site) error {
			_ = st.get(r).Set("b", 1)
			return st.get(r).Save(r.Context())
		}, `{"a":1,"b":1}`, false},
		{"new, saved by hand", "", func(r *http.Request, st *site) error {
			_ = st.get(r).Set("b", 1)
			if err := st.get(r).Save(r.Context()); !errors.Is(err, django.ErrHeadersSent) {
				return fmt.Errorf("saved: %v", err)
			}
			return nil
		}, `{"a":1}`, true},
		{"deleted meanwhile", validKey, func(r *http.Request, st *site) error {
			_ = st.get(r).Set("b", 1)
			return st.other().Delete(r.Context(), validKey)
		}, ``, true},
	}
	for _, loaded := range []bool{false, true} {
		for _, tt := range tests {
			t.Run(fmt.Sprintf("%s/loaded=%v", tt.name, loaded), func(t *testing.T) {
				st := newSite(t, nil)
				st.put(validKey, `{"a":1}`)
				w := st.serve(tt.cookie, func(w http.ResponseWriter, r *http.Request) {
					if loaded {
						st.get(r).Get("a")
					}
					fmt.Fprint(w, "hello")
					must(t, tt.late(r, st))
				})
				check(t, "the status", w.Code, 200)
				check(t, "the body", w.Body.String(), "hello")
				check(t, "what is stored", st.data(validKey), tt.stored)
				if n := len(st.keys()); n > 1 || n == 1 && tt.stored == "" {
					t.Errorf("%d sessions", n)
				}
				check(t, "an error is logged", strings.Contains(st.logs.String(), "level=ERROR"), tt.logged)
			})
		}
	}
}

// A response that failed saves nothing late either.
func TestLateChangesOfAnError(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(500)
		must(t, st.get(r).Set("b", 1))
	})
	check(t, "what is stored", st.data(validKey), `{"a":1}`)
}

// Deadlines and full duplex reach the connection.
func TestResponseController(t *testing.T) {
	testenv.EachProtocol(t, func(t *testing.T, http2 bool) {
		st := newSite(t, nil)
		s := st.server(http2, func(w http.ResponseWriter, r *http.Request) {
			c := http.NewResponseController(w)
			must(t, c.SetReadDeadline(time.Now().Add(time.Minute)))
			must(t, c.SetWriteDeadline(time.Now().Add(time.Minute)))
			if err := c.EnableFullDuplex(); err != nil && !http2 {
				t.Error(err)
			}
			_, hijacker := w.(http.Hijacker)
			_, pusher := w.(http.Pusher)
			_, flusher := w.(http.Flusher)
			check(t, "it can be hijacked", hijacker, !http2)
			check(t, "it can push", pusher, http2)
			check(t, "it can flush", flusher, true)
			if http2 {
				_, _, err := c.Hijack()
				if !errors.Is(err, http.ErrNotSupported) {
					t.Errorf("hijacked: %v", err)
				}
				w.WriteHeader(http.StatusNotFound)
			}
		})
		want := 200
		if http2 {
			want = 404
		}
		check(t, "the status", ask(t, s, "GET", "").StatusCode, want)
	})
}

// Early hints go before the session is committed.
func TestEarlyHints(t *testing.T) {
	testenv.EachProtocol(t, func(t *testing.T, http2 bool) {
		st := newSite(t, nil)
		s := st.server(http2, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", "</a.css>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			must(t, st.get(r).Set("a", 1))
		})
		r, err := http.NewRequestWithContext(t.Context(), "GET", s.URL, nil)
		must(t, err)
		hints := 0
		r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
			Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
				hints++
				check(t, "the status of the hint", code, 103)
				check(t, "Set-Cookie in the hint", h.Get("Set-Cookie"), "")
				return nil
			},
		}))
		res, err := s.Client().Transport.RoundTrip(r)
		must(t, err)
		defer res.Body.Close()
		check(t, "hints", hints, 1)
		check(t, "cookies", len(res.Cookies()), 1)
	})
}

// Responses without a body have their cookie.
func TestBodilessResponses(t *testing.T) {
	testenv.EachProtocol(t, func(t *testing.T, http2 bool) {
		for _, status := range []int{200, 204, 304, 301} {
			for _, method := range []string{"GET", "HEAD"} {
				st := newSite(t, nil)
				s := st.server(http2, func(w http.ResponseWriter, r *http.Request) {
					must(t, st.get(r).Set("a", 1))
					w.WriteHeader(status)
				})
				res := ask(t, s, method, "")
				check(t, "the status", res.StatusCode, status)
				check(t, fmt.Sprintf("cookies of %s %d", method, status), len(res.Cookies()), 1)
			}
		}
	})
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

// What is copied after the session failed goes nowhere.
func TestReadFromAndStoreFailure(t *testing.T) {
	st := newSite(t, nil)
	st.store.fail("Load", errDown)
	done := make(chan struct{})
	s := st.server(false, func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		_, _ = st.Get(r)
		n, err := io.Copy(w, io.LimitReader(strings.NewReader("hello!"), 5))
		must(t, err)
		check(t, "copied", n, 5)
	})
	res := ask(t, s, "GET", validKey)
	<-done // while the client is there
	check(t, "the status", res.StatusCode, http.StatusServiceUnavailable)
	check(t, "the body", body(t, res), "Service Unavailable\n")
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

// A renewal that comes when the headers have gone is none, and takes no other
// change with it.
func TestRenewAfterTheHeaders(t *testing.T) {
	for _, change := range []bool{false, true} {
		st := newSite(t, nil)
		st.put(validKey, `{"a":1}`)
		w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
			s := st.get(r)
			w.WriteHeader(http.StatusOK)
			must(t, s.Renew("hash", "x"))
			if change {
				must(t, s.Set("b", 2))
			}
		})
		check(t, "the status", w.Code, http.StatusOK)
		want := map[bool]string{false: `{"a":1}`, true: `{"a":1,"b":2}`}[change]
		check(t, "what is stored", st.data(validKey), want)
		check(t, "an error is logged", strings.Contains(st.logs.String(), "level=ERROR"), false)
	}
}

// A renewal that is saved by hand tells nothing either.
func TestRenewOfASessionThatIsGone(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	s := st.load(validKey)
	must(t, s.Renew("hash", "x"))
	must(t, st.other().Delete(t.Context(), validKey))
	must(t, s.Save(t.Context()))
	check(t, "the number of sessions", len(st.keys()), 0)
	must(t, s.Set("b", 2))
	if err := s.Save(t.Context()); !errors.Is(err, django.ErrInterrupted) {
		t.Errorf("Save: %v", err)
	}
}
