package django_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"
	"time"

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
