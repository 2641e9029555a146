package csrf_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/django"
)

// The session is read when it has to be, and written when its secret changes.
func TestSessionIsReadLazily(t *testing.T) {
	nothing := func(*site, http.ResponseWriter, *http.Request) {}
	for name, c := range map[string]struct {
		method, header string
		held           any // nil is no session
		handler        func(*site, http.ResponseWriter, *http.Request)
		exempt         bool
		calls          string
		status         int
	}{
		"GET":                    {method: "GET", held: bare, handler: nothing, calls: "", status: 200},
		"GET, no session":        {method: "GET", handler: nothing, calls: "", status: 200},
		"exempt":                 {method: "POST", held: bare, handler: nothing, exempt: true, calls: "", status: 200},
		"form":                   {method: "GET", held: bare, handler: (*site).page, calls: "Load", status: 200},
		"form, other format":     {method: "GET", held: masked, handler: (*site).page, calls: "Load Save", status: 200},
		"form, no session":       {method: "GET", handler: (*site).page, calls: "Create", status: 200},
		"form, no secret":        {method: "GET", held: 5, handler: (*site).page, calls: "Load Save", status: 200},
		"POST":                   {method: "POST", header: masked, held: bare, handler: nothing, calls: "Load", status: 200},
		"POST and form":          {method: "POST", header: masked, held: bare, handler: (*site).page, calls: "Load", status: 200},
		"refused":                {method: "POST", header: wrong, held: bare, handler: nothing, calls: "Load", status: 403},
		"refused for its source": {method: "POST", header: "source", held: bare, handler: nothing, calls: "", status: 403},
		"rotation":               {method: "GET", held: bare, handler: func(st *site, _ http.ResponseWriter, r *http.Request) { st.RotateToken(r) }, calls: "Load Save", status: 200},
	} {
		t.Run(name, func(t *testing.T) {
			st := newSite(t, inSessions, csrf.WithExempt(func(*http.Request) bool { return c.exempt }))
			r := httptest.NewRequest(c.method, "/", nil)
			if c.held != nil {
				r.Header.Set("Cookie", "sessionid="+st.session(c.held))
			}
			if c.header == "source" {
				r.Header.Set("Origin", "https://evil.example")
			} else {
				r.Header.Set("X-CSRFToken", c.header)
			}
			w := st.serve(r, func(w http.ResponseWriter, r *http.Request) { c.handler(st, w, r) })
			check(t, "calls", st.store.count(), c.calls)
			check(t, "status", w.Code, c.status)
			vary := ""
			if c.calls != "" {
				vary = "Cookie"
			}
			check(t, "Vary", w.Header().Get("Vary"), vary)
			if w.Code == 200 && strings.Contains(w.Header().Get("Set-Cookie"), "csrftoken") {
				t.Error("a cookie of its own")
			}
		})
	}
}

// A store that fails is no missing token: the session's own answer follows,
// logged once, and the handler is not called, or finds the error.
func TestStoreFails(t *testing.T) {
	down := errors.New("the database is down")
	for _, method := range []string{"GET", "POST"} {
		var answered error
		st := newSite(t, inSessions)
		key := st.session(bare)
		st.store.fail = down
		r := httptest.NewRequest(method, "/", nil)
		r.Header.Set("Cookie", "sessionid="+key)
		r.Header.Set("X-CSRFToken", masked)
		w := st.serve(r, func(w http.ResponseWriter, r *http.Request) {
			if method == "POST" {
				t.Error("the handler was called")
			}
			_, answered = st.Token(r)
			st.page(w, r)
			_, _ = w.Write([]byte("goes nowhere"))
		})
		check(t, "status", w.Code, http.StatusServiceUnavailable)
		check(t, "body", w.Body.String(), "Service Unavailable\n")
		check(t, "log lines", strings.Count(st.logs.String(), down.Error()), 1)
		check(t, "refusals", strings.Count(st.logs.String(), "Forbidden"), 0)
		if method == "GET" && !errors.Is(answered, down) {
			t.Errorf("Token: %v", answered)
		}
	}
}

// A rotation reads the session when the response leaves; a failure then takes the
// handler's place.
func TestStoreFailsAtTheCommit(t *testing.T) {
	st := newSite(t, inSessions)
	key := st.session(bare)
	st.store.fail = errors.New("the database is down")
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "sessionid="+key)
	w := st.serve(r, func(w http.ResponseWriter, r *http.Request) {
		st.RotateToken(r)
		_, _ = w.Write([]byte("goes nowhere"))
	})
	check(t, "status", w.Code, http.StatusServiceUnavailable)
	check(t, "body", w.Body.String(), "Service Unavailable\n")
}

// Without the sessions' middleware outside, nothing can be stored: every request
// that would need it fails, and says why in the log.
func TestWithoutSessionMiddleware(t *testing.T) {
	for _, method := range []string{"GET", "POST"} {
		st := newSite(t, inSessions)
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, "/", nil)
		st.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, err := st.Token(r); !errors.Is(err, django.ErrNoMiddleware) {
				t.Errorf("Token: %v", err)
			}
			st.RotateToken(r)
		})).ServeHTTP(w, r)
		check(t, "status of "+method, w.Code, http.StatusInternalServerError)
		if !strings.Contains(st.logs.String(), "Sessions.Middleware") {
			t.Errorf("%s: the log:\n%s", method, st.logs)
		}
	}
	// With a cookie of its own the secret needs no session.
	st := newSite(t, nil)
	w := httptest.NewRecorder()
	st.Middleware(http.HandlerFunc(st.page)).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	check(t, "status", w.Code, 200)
}

// The secret of a form survives what happens to the session afterwards, as it
// does in Django: what counts is how the session is when the response leaves.
func TestSessionChangesAfterTheToken(t *testing.T) {
	for name, change := range map[string]func(*http.Request, *django.Session) error{
		"flush":     func(r *http.Request, s *django.Session) error { return s.Flush(r.Context()) },
		"cycle key": func(_ *http.Request, s *django.Session) error { s.CycleKey(); return nil },
		"clear":     func(_ *http.Request, s *django.Session) error { s.Clear(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			st := newSite(t, inSessions)
			key := st.session(bare)
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Cookie", "sessionid="+key)
			var token string
			w := st.serve(r, func(_ http.ResponseWriter, r *http.Request) {
				var err error
				token, err = st.Token(r)
				must(t, err)
				s, err := st.sessions.Get(r)
				must(t, err)
				must(t, change(r, s))
			})
			for _, c := range w.Result().Cookies() {
				key = c.Value
			}
			again := httptest.NewRequest("POST", "/", nil)
			again.Header.Set("Cookie", "sessionid="+key)
			again.Header.Set("X-CSRFToken", token)
			check(t, "status with the form", st.serve(again, ok).Code, 200)
		})
	}
}
