package csrf_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/djsession/djsession/csrf"
)

func TestNewIsGivenNil(t *testing.T) {
	if _, err := csrf.New(nil); err == nil {
		t.Error("no sessions, no error")
	}
	st := newSite(t, nil)
	for _, opt := range []csrf.Option{csrf.WithLogger(nil), csrf.WithExempt(nil), csrf.WithErrorHandler(nil)} {
		if _, err := csrf.New(st.sessions, opt); err == nil {
			t.Error("a nil option, no error")
		}
	}
}

// The answer to a refused request tells nobody why; the log does.
func TestRefusal(t *testing.T) {
	st := newSite(t, nil)
	r := post(cookieHeader, field+wrong)
	r.URL.RawQuery = "password=hunter2"
	w := st.serve(r, func(http.ResponseWriter, *http.Request) { t.Error("the handler was called") })
	check(t, "status", w.Code, 403)
	check(t, "body", w.Body.String(), "Forbidden (403)\n\nCSRF verification failed. Request aborted.\n")
	check(t, "type", w.Header().Get("Content-Type"), "text/plain; charset=utf-8")
	log := st.logs.String()
	for _, want := range []string{"level=WARN", "msg=Forbidden", `reason="CSRF token from POST incorrect."`, "method=POST", "path=/form"} {
		if !strings.Contains(log, want) {
			t.Errorf("no %s in the log:\n%s", want, log)
		}
	}
	check(t, "log lines", strings.Count(log, "\n"), 1)
	check(t, "the query in the log", strings.Contains(log, "hunter2"), false)
}

// Origin and Referer are told without what may be a secret in them.
func TestRefusalTellsNoURL(t *testing.T) {
	const secret = "hunter2"
	for _, header := range []string{"Origin", "Referer"} {
		for _, url := range []string{"https://evil.example/" + secret, "https://" + secret + "@evil.example/?" + secret, "https://evil.example#" + secret} {
			var refused error
			st := newSite(t, nil, csrf.WithErrorHandler(func(w http.ResponseWriter, _ *http.Request, err error) {
				refused = err
				w.WriteHeader(403)
			}))
			r := httptest.NewRequest("POST", "https://example.com/", nil)
			r.Header.Set(header, url)
			check(t, "status", st.serve(r, ok).Code, 403)
			if want := header + " checking failed - https://evil.example does not match any trusted origins."; fmt.Sprint(refused) != want {
				t.Errorf("refused for %v", refused)
			}
			if strings.Contains(st.logs.String(), secret) {
				t.Errorf("the log tells it:\n%s", st.logs)
			}
		}
	}
}

func TestReasons(t *testing.T) {
	secure := func(headers ...string) *http.Request {
		r := httptest.NewRequest("POST", "https://example.com/", nil)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		return r
	}
	const from = "https://example.com"
	for want, r := range map[csrf.Reason]*http.Request{
		csrf.ReasonBadOrigin:        secure("Origin", "null"),
		csrf.ReasonNoReferer:        secure(),
		csrf.ReasonMalformedReferer: secure("Referer", "/form"),
		csrf.ReasonInsecureReferer:  secure("Referer", "http://example.com/"),
		csrf.ReasonBadReferer:       secure("Referer", "https://evil.example/"),
		csrf.ReasonNoCookie:         secure("Origin", from),
		csrf.ReasonBadCookie:        secure("Origin", from, "Cookie", "csrftoken=x"),
		csrf.ReasonTokenMissing:     secure("Origin", from, "Cookie", cookieHeader),
		csrf.ReasonBadToken:         secure("Origin", from, "Cookie", cookieHeader, "X-CSRFToken", wrong),
		0:                           secure("Origin", from, "Cookie", cookieHeader, "X-CSRFToken", masked),
	} {
		var refused csrf.Error
		st := newSite(t, nil, csrf.WithErrorHandler(func(w http.ResponseWriter, _ *http.Request, err error) {
			var e *csrf.Error
			if errors.As(err, &e) {
				refused = *e
			}
			w.WriteHeader(403)
		}))
		st.serve(r, ok)
		check(t, "reason of "+refused.Error(), refused.Reason, want)
	}
}

// The handler of refusals can show the form again, which then works.
func TestErrorHandlerShowsTheForm(t *testing.T) {
	var st *site
	st = newSite(t, nil, csrf.WithErrorHandler(func(w http.ResponseWriter, r *http.Request, _ error) {
		w.WriteHeader(http.StatusTeapot)
		st.page(w, r)
	}))
	w := st.serve(post("", field+masked), ok)
	check(t, "status", w.Code, http.StatusTeapot)
	// The headers had gone before the token was asked for.
	check(t, "cookies", len(w.Result().Cookies()), 0)

	st = newSite(t, nil, csrf.WithErrorHandler(func(w http.ResponseWriter, r *http.Request, _ error) { st.page(w, r) }))
	w = st.serve(post("", field+masked), ok)
	cookie := w.Result().Cookies()[0]
	again := post("csrftoken="+cookie.Value, field+tokenOf(t, w.Body.String()))
	check(t, "status of the form", st.serve(again, ok).Code, 200)
}

// Django takes these for GET and POST; to Go they are other methods.
func TestMethodsInLowerCase(t *testing.T) {
	st := newSite(t, nil)
	for _, method := range []string{"get", "head", "Options"} {
		r := httptest.NewRequest(method, "/", nil)
		check(t, method, st.serve(r, ok).Code, 403)
	}
	r := post(cookieHeader, field+masked)
	r.Method = "post"
	check(t, "post with a field", st.serve(r, ok).Code, 403)
	r.Header.Set("X-CSRFToken", masked)
	check(t, "post with a header", st.serve(r, ok).Code, 200)
}
