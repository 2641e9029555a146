package csrf_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/django"
)

// unread is a body that must not be read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

// What cannot hold a token stays unread, as does the body of a request that has a
// valid one in its header, or is rejected or let through without one.
func TestBodyStaysUnread(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	for name, c := range map[string]struct {
		method, kind, cookie, header string
		want                         int
	}{
		"form":      {"POST", form, cookieHeader, masked, 200},
		"multipart": {"POST", "multipart/form-data; boundary=x", cookieHeader, masked, 200},
		"other":     {"POST", "multipart/form-data", cookieHeader, bare, 200},
		"JSON":      {"POST", "application/json", cookieHeader, masked, 200},
		"no type":   {"POST", "", cookieHeader, masked, 200},
		"odd type":  {"POST", "application/x-www-form-urlencoded/;=;", cookieHeader, masked, 200},
		"PUT":       {"PUT", form, cookieHeader, masked, 200},
		"PATCH":     {"PATCH", "multipart/form-data; boundary=x", cookieHeader, masked, 200},
		"GET":       {"GET", form, cookieHeader, "", 200},
		"exempt":    {"POST", form, "", "", 200},
		"no cookie": {"POST", form, "", masked, 403},
	} {
		t.Run(name, func(t *testing.T) {
			st := newSite(t, nil, csrf.WithExempt(func(*http.Request) bool { return name == "exempt" }))
			r := httptest.NewRequest(c.method, "/", unread{t})
			for header, value := range map[string]string{"Content-Type": c.kind, "Cookie": c.cookie, "X-CSRFToken": c.header} {
				if value != "" {
					r.Header.Set(header, value)
				}
			}
			check(t, "status", st.serve(r, ok).Code, c.want)
		})
	}
}

// A form that cannot be read in full counts as one without a token. The error has the cause.
func TestUnreadableForms(t *testing.T) {
	broken := errors.New("connection reset")
	whole, kind := multipartForm(t, part{"csrfmiddlewaretoken", "", masked}, part{"a", "", "1"})
	const form = "application/x-www-form-urlencoded"
	tooLarge := func(err error) bool {
		var e *http.MaxBytesError
		return errors.As(err, &e)
	}
	is := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
	for name, c := range map[string]struct {
		body io.Reader
		kind string
		is   func(error) bool
	}{
		"too large":          {io.LimitReader(endless{}, 11<<20), form, tooLarge},
		"reset":              {io.MultiReader(strings.NewReader(field+masked), iotest.ErrReader(broken)), form, is(broken)},
		"multipart reset":    {io.MultiReader(bytes.NewReader(whole[:50]), iotest.ErrReader(broken)), kind, is(broken)},
		"file reset":         {io.MultiReader(bytes.NewReader(whole[:50]), io.LimitReader(endless{}, 3<<20), iotest.ErrReader(broken)), kind, is(broken)},
		"no boundary":        {bytes.NewReader(whole), "multipart/form-data", is(http.ErrMissingBoundary)},
		"no usable boundary": {bytes.NewReader(whole), `multipart/form-data; boundary="a "`, is(http.ErrMissingBoundary)},
	} {
		t.Run(name, func(t *testing.T) {
			var refused *csrf.Error
			st := newSite(t, nil, csrf.WithErrorHandler(func(w http.ResponseWriter, r *http.Request, err error) {
				errors.As(err, &refused)
				csrf.DefaultErrorHandler(w, r, err)
			}))
			r := postBody(c.body, c.kind)
			check(t, "status", st.serve(r, func(http.ResponseWriter, *http.Request) { t.Error("the handler was called") }).Code, 403)
			if refused == nil || refused.Reason != csrf.ReasonTokenMissing || refused.Error() != "CSRF token missing." || !c.is(refused) {
				t.Errorf("rejected for %v (%v)", refused, errors.Unwrap(refused))
			}
			if !strings.Contains(st.logs.String(), "could not be read") {
				t.Errorf("the log does not say why:\n%s", st.logs)
			}
		})
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'a'
	}
	return len(b), nil
}

// What bounds bodies outside bounds the form, too.
func TestMaxBytesOutside(t *testing.T) {
	st := newSite(t, nil)
	h := http.MaxBytesHandler(st.handler(ok), 1000)
	for _, c := range []struct{ length, want int }{{10, 200}, {2000, 403}} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, post(cookieHeader, field+masked+"&a="+strings.Repeat("a", c.length)))
		check(t, "status", w.Code, c.want)
	}
}

// The handler of a rejected form can read the whole body, also if the form was not read to
// its end.
func TestErrorHandlerReadsTheForm(t *testing.T) {
	large, kind := multipartForm(t, part{"a", "", "1"}, part{"b", "", "2"}, part{"c", "", "3"}, part{"f", "f", strings.Repeat("x", 4<<20)})
	const form = "application/x-www-form-urlencoded"
	for name, c := range map[string]struct{ body, kind string }{
		"urlencoded": {"a=1&b=2&c=3", form}, "large": {"a=" + strings.Repeat("x", 11<<20), form}, "multipart": {string(large), kind},
	} {
		var got []byte
		st := newSite(t, func(s *django.Settings) { s.DataUploadMaxNumberFields = 2 },
			csrf.WithErrorHandler(func(_ http.ResponseWriter, r *http.Request, _ error) {
				var err error
				got, err = io.ReadAll(r.Body)
				must(t, err)
			}))
		check(t, "status of "+name, st.serve(postBody(strings.NewReader(c.body), c.kind), ok).Code, 403)
		check(t, "the body of "+name+" is as sent", string(got) == c.body, true)
	}
}

// A client that sends a whole form before it reads the answer gets the 403 even if the form was
// rejected at its beginning.
func TestRejectionReachesTheClient(t *testing.T) {
	body, kind := multipartForm(t, part{"a", "", "1"}, part{"b", "", "2"}, part{"c", "", "3"}, part{"d", "", "4"}, part{"f", "f", strings.Repeat("x", 30<<20)})
	st := newSite(t, func(s *django.Settings) { s.DataUploadMaxNumberFields = 2 })
	s := st.server(false, ok)
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	must(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nCookie: %s\r\nContent-Length: %d\r\n\r\n%s", kind, cookieHeader, len(body), body)
	must(t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	check(t, "status", res.StatusCode, 403)
}
