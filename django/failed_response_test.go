package django_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"testing"
	"testing/iotest"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// A handler that streams until its context ends, over a store that fails: the client
// gets the whole answer, and the handler comes to an end.
func TestFailureUnderAStream(t *testing.T) {
	testenv.EachProtocol(t, func(t *testing.T, http2 bool) {
		for name, stream := range map[string]func(http.ResponseWriter, *http.Request){
			"flushing": func(w http.ResponseWriter, r *http.Request) {
				for r.Context().Err() == nil {
					_, _ = io.WriteString(w, "data: x\n\n")
					_ = http.NewResponseController(w).Flush()
				}
			},
			"waiting": func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.WriteString(w, "data: x\n\n")
				<-r.Context().Done()
			},
			"a derived context": func(w http.ResponseWriter, r *http.Request) {
				ctx, cancel := context.WithTimeout(r.Context(), time.Hour)
				defer cancel()
				_, _ = io.WriteString(w, "data: x\n\n")
				<-ctx.Done()
				if context.Cause(ctx) == nil {
					t.Error("the context has no cause")
				}
			},
			"copying": func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, endless{r.Context()}) },
		} {
			t.Run(name, func(t *testing.T) {
				st := newSite(t, nil)
				st.store.fail("Load", errDown)
				s := st.server(http2, func(w http.ResponseWriter, r *http.Request) {
					_, _ = st.Get(r)
					w.Header().Set("Content-Type", "text/event-stream")
					stream(w, r)
				})
				res := ask(t, s, "GET", validKey)
				check(t, "the status", res.StatusCode, http.StatusServiceUnavailable)
				check(t, "the body", body(t, res), "Service Unavailable\n")
			})
		}
	})
}

// endless is a source that ends with its context.
type endless struct{ ctx context.Context }

func (e endless) Read(b []byte) (int, error) { return len(b), e.ctx.Err() }

// The same with a reverse proxy, which aborts its connection when the context ends.
func TestFailureUnderAProxiedDownload(t *testing.T) {
	st := newSite(t, nil)
	st.store.fail("Load", errDown)
	back := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = w.Write(make([]byte, 1<<16))
		}
	}))
	defer back.Close()
	target, err := url.Parse(back.URL)
	must(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorLog = st.errorLog()
	s := st.server(false, func(w http.ResponseWriter, r *http.Request) {
		_, _ = st.Get(r)
		proxy.ServeHTTP(w, r)
	})
	s.Config.ErrorLog = st.errorLog()
	res := ask(t, s, "GET", validKey)
	check(t, "the status", res.StatusCode, http.StatusServiceUnavailable)
	check(t, "the body", body(t, res), "Service Unavailable\n")
}

// The server removes the temporary files of a form, and an outer handler sees the
// pattern that an inner mux matched, as without the middleware.
func TestRequestIsHandedBack(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	st := newSite(t, nil)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /upload/{name}", func(w http.ResponseWriter, r *http.Request) {
		must(t, r.ParseMultipartForm(1))
		entries, err := os.ReadDir(dir)
		must(t, err)
		check(t, "temporary files meanwhile", len(entries), 1)
	})
	var pattern string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { pattern = r.Pattern }()
		st.Middleware(mux).ServeHTTP(w, r)
	}))
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	f, err := m.CreateFormFile("f", "big.bin")
	must(t, err)
	_, _ = f.Write(make([]byte, 11<<20))
	must(t, m.Close())
	res, err := http.Post(s.URL+"/upload/a", m.FormDataContentType(), &b)
	must(t, err)
	res.Body.Close()
	s.Close()
	check(t, "the pattern", pattern, "POST /upload/{name}")
	entries, err := os.ReadDir(dir)
	must(t, err)
	check(t, "temporary files at the end", len(entries), 0)
}

// gzipped is a compressing writer as simple ones are.
type gzipped struct {
	http.ResponseWriter
	z io.Writer
}

func (g gzipped) Write(b []byte) (int, error) { return g.z.Write(b) }

// Under a middleware that compresses, the answer has no length of its own.
func TestFailureUnderCompression(t *testing.T) {
	st := newSite(t, nil)
	st.store.fail("Load", errDown)
	h := st.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = st.Get(r) }))
	s := testenv.Serve(t, false, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		defer z.Close()
		h.ServeHTTP(gzipped{w, z}, r)
	}))
	res := ask(t, s, "GET", validKey)
	check(t, "whether it was compressed", res.Uncompressed, true)
	check(t, "the body", body(t, res), "Service Unavailable\n")
}

// Under a writer that buffers, what the handler sets after the failure is not sent.
func TestHeadersAfterAFailure(t *testing.T) {
	st := newSite(t, nil)
	st.store.fail("Load", errDown)
	h := http.TimeoutHandler(st.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = st.Get(r)
		w.WriteHeader(http.StatusOK)
		w.Header().Set("X-Page", "1")
		w.Header().Set("Content-Length", "5")
	})), time.Minute, "")
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "sessionid="+validKey)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	check(t, "X-Page", w.Header().Get("X-Page"), "")
	check(t, "Content-Length", w.Header().Get("Content-Length"), strconv.Itoa(w.Body.Len()))
}

// A handler that stops only when a write fails comes to an end when the client has gone.
func TestWritesEndWithTheClient(t *testing.T) {
	st := newSite(t, nil)
	st.store.fail("Load", errDown)
	ended := make(chan struct{})
	s := st.server(false, func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		_, _ = st.Get(r)
		for {
			if _, err := io.WriteString(w, "x"); err != nil {
				return
			}
		}
	})
	ask(t, s, "GET", validKey).Body.Close()
	s.CloseClientConnections()
	<-ended
}

// A copy from a source that fails at once sends nothing, so that the handler can still
// answer, with a session.
func TestCopyOfNothing(t *testing.T) {
	st := newSite(t, nil)
	w := st.serve("", func(w http.ResponseWriter, r *http.Request) {
		st.get(r)
		if _, err := io.Copy(w, iotest.ErrReader(errDown)); !errors.Is(err, errDown) {
			t.Errorf("Copy: %v", err)
		}
		must(t, st.UpdateRequest(r, func(s *django.Session) error { return s.Set("message", "sorry") }))
		http.Redirect(w, r, "/", http.StatusFound)
	})
	check(t, "the status", w.Code, http.StatusFound)
	check(t, "cookies", len(w.Result().Cookies()), 1)
}

// A session cookie that an outer middleware set is sent once.
func TestFailureUnderAnOuterCookie(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	st.store.fail("Save", errDown)
	w := httptest.NewRecorder()
	http.SetCookie(w, &http.Cookie{Name: "sessionid", Value: unknownKey})
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "sessionid="+validKey)
	st.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { must(t, st.get(r).Set("b", 1)) })).ServeHTTP(w, r)
	check(t, "the status", w.Code, http.StatusServiceUnavailable)
	check(t, "cookies", len(w.Result().Cookies()), 1)
}
