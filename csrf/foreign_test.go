package csrf_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/django"
)

// asking is a log handler that shows the request's token in each line.
type asking struct {
	slog.Handler
	request **http.Request
	forms   **csrf.Protection
}

func (h asking) Handle(ctx context.Context, rec slog.Record) error {
	if r := *h.request; r != nil {
		token, err := (*h.forms).Token(r)
		rec.AddAttrs(slog.Int("token", len(token)), slog.Any("problem", err))
	}
	return h.Handler.Handle(ctx, rec)
}

// What a user's log handler, clock or store asks for a token does not wait for the
// protection that called it.
func TestTokenFromLoggerAndClock(t *testing.T) {
	var request *http.Request
	var p *csrf.Protection
	var log bytes.Buffer
	settings := django.DefaultSettings()
	settings.SecretKey = "the-secret-of-the-site"
	engine := django.EngineFunc(func(django.Site) (django.Store, error) { return &memory{rows: map[string]row{}}, nil })
	clockAsked := false
	sessions, err := django.New(settings, engine, django.WithClock(func() time.Time {
		if request != nil {
			clockAsked = true
			p.RotateToken(request)
		}
		return time.Unix(1700000000, 0)
	}))
	must(t, err)
	p, err = csrf.New(sessions, csrf.WithLogger(slog.New(asking{slog.NewTextHandler(&log, nil), &request, &p})))
	must(t, err)
	for _, c := range []struct {
		method string
		want   string
		h      http.HandlerFunc
	}{
		{"GET", "CSRF secret was not stored", func(w http.ResponseWriter, r *http.Request) {
			request = r
			w.WriteHeader(200)
			p.RotateToken(r) // too late, which is logged
		}},
		{"GET", "", func(_ http.ResponseWriter, r *http.Request) {
			request = r
			p.RotateToken(r) // the cookie's date needs the clock
		}},
	} {
		request, clockAsked = nil, false
		log.Reset()
		sessions.Middleware(p.Middleware(c.h)).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(c.method, "/", nil))
		if !strings.Contains(log.String(), c.want) || c.want != "" && !strings.Contains(log.String(), "token=64") {
			t.Errorf("the log: %s", &log)
		}
		check(t, "the clock was asked", clockAsked, c.want == "")
	}
}

// A store that logs, or asks for a token, while the session is loaded for one.
func TestTokenFromStore(t *testing.T) {
	st := newSite(t, inSessions)
	key := st.session(bare)
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "sessionid="+key)
	var token string
	st.serve(r, func(_ http.ResponseWriter, r *http.Request) {
		st.store.onLoad = func() { st.RotateToken(r) }
		var err error
		token, err = st.Token(r)
		must(t, err)
	})
	check(t, "rotated meanwhile", secretOf(token) == bare, false)
	check(t, "the stored secret", st.stored(key), secretOf(token))
}

// An error handler that writes nothing does not turn a refusal into 200.
func TestSilentErrorHandler(t *testing.T) {
	var st *site
	for name, c := range map[string]struct {
		handler csrf.ErrorHandler
		status  int
		body    string
	}{
		"nothing":       {func(http.ResponseWriter, *http.Request, error) {}, 403, ""},
		"a header":      {func(w http.ResponseWriter, _ *http.Request, _ error) { w.Header().Set("X-Reason", "forged") }, 403, ""},
		"early hints":   {func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusEarlyHints) }, 403, ""},
		"a token":       {func(_ http.ResponseWriter, r *http.Request, _ error) { _, _ = st.Token(r) }, 403, ""},
		"a status":      {func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusTeapot) }, 418, ""},
		"a page":        {func(w http.ResponseWriter, _ *http.Request, _ error) { fmt.Fprint(w, "the form") }, 200, "the form"},
		"an empty page": {func(w http.ResponseWriter, _ *http.Request, _ error) { _, _ = io.WriteString(w, "") }, 200, ""},
		"a flush":       {func(w http.ResponseWriter, _ *http.Request, _ error) { w.(http.Flusher).Flush() }, 200, ""},
	} {
		st = newSite(t, nil, csrf.WithErrorHandler(c.handler))
		s := st.server(false, func(http.ResponseWriter, *http.Request) { t.Error("the handler was called") })
		res, err := s.Client().Post(s.URL, "", nil)
		must(t, err)
		body, err := io.ReadAll(res.Body)
		must(t, err)
		must(t, res.Body.Close())
		check(t, "status after "+name, res.StatusCode, c.status)
		check(t, "body after "+name, string(body), c.body)
	}
}

// What the handlers within set in the request is seen outside: the pattern, for
// a log, and the form, whose temporary files the server removes.
func TestRequestIsHandedBack(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	st := newSite(t, nil)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /upload/{id}", func(_ http.ResponseWriter, r *http.Request) {
		if f, _, err := r.FormFile("f"); err != nil {
			t.Error(err)
		} else {
			must(t, f.Close())
		}
	})
	var pattern string
	files := -1
	h := st.Middleware(mux) // without the sessions' middleware, which hands on the same
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		pattern = r.Pattern
		if r.MultipartForm != nil {
			files = len(r.MultipartForm.File)
		}
	}))
	body, kind := multipartForm(t, part{"csrfmiddlewaretoken", "", masked}, part{"f", "f.bin", strings.Repeat("x", 40<<20)})
	for _, header := range []string{"", masked} {
		files = -1
		r, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+"/upload/1", bytes.NewReader(body))
		must(t, err)
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Cookie", cookieHeader)
		if header != "" {
			r.Header.Set("X-CSRFToken", header)
		}
		res, err := s.Client().Do(r)
		must(t, err)
		must(t, res.Body.Close())
		check(t, "status", res.StatusCode, 200)
		check(t, "the pattern", pattern, "POST /upload/{id}")
		check(t, "files", files, 1)
	}
	s.Close() // which waits for the server's clean-up
	left, err := os.ReadDir(dir)
	must(t, err)
	check(t, "files left behind", len(left), 0)
}
