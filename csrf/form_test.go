package csrf_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/internal/testenv"
)

const cookieHeader = "csrftoken=" + bare

// part is a part of a multipart form: a file if it has a file's name.
type part struct{ name, file, text string }

func multipartForm(t testing.TB, parts ...part) (body []byte, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		var out io.Writer
		var err error
		if p.file != "" {
			out, err = w.CreateFormFile(p.name, p.file)
		} else {
			out, err = w.CreateFormField(p.name)
		}
		must(t, err)
		_, err = io.WriteString(out, p.text)
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes(), w.FormDataContentType()
}

func postBody(body io.Reader, contentType string) *http.Request {
	r := httptest.NewRequest("POST", "/form?q=1&a=query", body)
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Cookie", cookieHeader)
	return r
}

// seen is what a handler finds out about a form by the usual means.
type seen struct {
	Form, PostForm url.Values
	A, PostA, Q    string
	Files          map[string]string
	Errors         []string
}

func look(r *http.Request) (s seen) {
	note := func(err error) {
		if err != nil {
			s.Errors = append(s.Errors, err.Error())
		}
	}
	note(r.ParseForm())
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		note(r.ParseMultipartForm(1 << 20))
		s.Files = map[string]string{}
		if r.MultipartForm == nil {
			return s
		}
		for name, files := range r.MultipartForm.File {
			f, err := files[0].Open()
			note(err)
			text, err := io.ReadAll(f)
			note(err)
			note(f.Close())
			s.Files[name] = fmt.Sprint(files[0].Filename, " ", len(text))
		}
	}
	s.Form, s.PostForm = r.Form, r.PostForm
	s.A, s.PostA, s.Q = r.FormValue("a"), r.PostFormValue("a"), r.FormValue("q")
	return s
}

// A handler finds a form as it would without the middleware, down to its errors.
func TestHandlersSeeTheForm(t *testing.T) {
	token := field + masked
	many, manyType := multipartForm(t, part{"a", "", "1"}, part{"a", "", "2"}, part{"file", "f.bin", strings.Repeat("x", 1000)},
		part{"csrfmiddlewaretoken", "", masked}, part{"large", "l.bin", strings.Repeat("x", 2700<<10)})
	for name, c := range map[string]struct{ body, kind string }{
		"urlencoded":       {token + "&a=1&a=2&b=x%20y", "application/x-www-form-urlencoded"},
		"charset":          {token + "&a=1", "application/x-www-form-urlencoded; charset=utf-8"},
		"broken pair":      {token + "&a=100%&b=2", "application/x-www-form-urlencoded"},
		"broken parameter": {token + "&a=1", "application/x-www-form-urlencoded; charset"},
		"semicolon":        {token + "&a=1;b=2", "application/x-www-form-urlencoded"},
		"multipart":        {string(many), manyType},
	} {
		t.Run(name, func(t *testing.T) {
			st := newSite(t, nil)
			plain := postBody(strings.NewReader(c.body), c.kind)
			want := look(plain)
			if plain.MultipartForm != nil {
				must(t, plain.MultipartForm.RemoveAll())
			}
			var got *seen
			st.serve(postBody(strings.NewReader(c.body), c.kind), func(_ http.ResponseWriter, r *http.Request) {
				s := look(r)
				got = &s
			})
			if got == nil || !reflect.DeepEqual(*got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// What is wrong with the query is no fault of the form's.
func TestOddQuery(t *testing.T) {
	body, kind := multipartForm(t, part{"csrfmiddlewaretoken", "", masked})
	for _, c := range []struct{ body, kind string }{{field + masked, "application/x-www-form-urlencoded"}, {string(body), kind}} {
		st := newSite(t, nil)
		r := postBody(strings.NewReader(c.body), c.kind)
		r.URL.RawQuery = "a=100%&b;c"
		check(t, "status", st.serve(r, ok).Code, 200)
	}
}

// The parsed form is there without a call, and an urlencoded body can be read again.
func TestFormIsParsedAndBodyPutBack(t *testing.T) {
	st := newSite(t, nil)
	body := field + masked + "&a=1"
	called := false
	st.serve(post(cookieHeader, body), func(_ http.ResponseWriter, r *http.Request) {
		called = true
		check(t, "PostForm", r.PostForm.Get("a"), "1")
		text, err := io.ReadAll(r.Body)
		must(t, err)
		check(t, "the body", string(text), body)
		must(t, r.Body.Close())
	})
	check(t, "called", called, true)
}

// A form that a middleware outside could not read, for its type, is read all the
// same.
func TestFormWasNotRead(t *testing.T) {
	st := newSite(t, nil)
	for kind, body := range map[string]string{
		"application/x-www-form-urlencoded; charset=utf-8; charset=utf-8": field + masked,
		"multipart/form-data; boundary=a=b":                               "--a=b\r\nContent-Disposition: form-data; name=csrfmiddlewaretoken\r\n\r\n" + masked + "\r\n--a=b--",
	} {
		r := postBody(strings.NewReader(body), kind)
		if err := r.ParseMultipartForm(1 << 20); err == nil {
			t.Errorf("%s: no error", kind)
		}
		check(t, "status of "+kind, st.serve(r, ok).Code, 200)
	}
}

// A form that somebody outside has read is taken as it was read.
func TestFormWasRead(t *testing.T) {
	body, kind := multipartForm(t, part{"csrfmiddlewaretoken", "", masked}, part{"a", "f", strings.Repeat("x", 1<<20)})
	for _, c := range []struct{ body, kind string }{{field + masked, "application/x-www-form-urlencoded"}, {string(body), kind}} {
		st := newSite(t, nil)
		r := postBody(strings.NewReader(c.body), c.kind)
		if err := r.ParseMultipartForm(0); err != nil && !errors.Is(err, http.ErrNotMultipart) {
			t.Fatal(err)
		}
		w := st.serve(r, ok)
		check(t, "status", w.Code, 200)
		if r.MultipartForm != nil {
			f, err := r.MultipartForm.File["a"][0].Open()
			must(t, err) // its file is that somebody's to remove
			must(t, f.Close())
			must(t, r.MultipartForm.RemoveAll())
		}
	}
}

// Temporary files go when the handler has returned, even by a panic.
func TestTemporaryFilesAreRemoved(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	files := func() int {
		entries, err := os.ReadDir(dir)
		must(t, err)
		return len(entries)
	}
	large := strings.Repeat("x", 1500<<10) // two do not fit into memory
	body, kind := multipartForm(t, part{"csrfmiddlewaretoken", "", masked}, part{"a", "a.bin", large}, part{"b", "b.bin", large})
	for _, how := range []string{"return", "panic", "refuse"} {
		st := newSite(t, nil)
		during := -1
		func() {
			defer func() { _ = recover() }()
			r := postBody(bytes.NewReader(body), kind)
			if how == "refuse" {
				r.Header.Set("Cookie", "csrftoken="+wrong)
			}
			st.serve(r, func(http.ResponseWriter, *http.Request) {
				during = files()
				if how == "panic" {
					panic("at the handler")
				}
			})
		}()
		if how == "refuse" {
			check(t, "handler called", during, -1)
		} else if during == 0 {
			t.Error("no file was there at all")
		}
		check(t, "files after "+how, files(), 0)
	}
}

// unread is a body that must not be read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

// What cannot hold a token stays unread, as does the body of a request that has a
// good one in its header, or is refused or let through without any.
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

// A form that cannot be read in full is none. The error tells the reason.
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
				t.Errorf("refused for %v (%v)", refused, errors.Unwrap(refused))
			}
			if !strings.Contains(st.logs.String(), "could not be read") {
				t.Errorf("the log does not say why:\n%s", st.logs)
			}
		})
	}
}

// A form that cannot be stored is no refusal, but a fault of the server's: the answer is
// that of the session's error handler, and the log has the cause, but nothing of the form.
func TestNoRoomForTemporaryFiles(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	t.Setenv("TMPDIR", missing)
	st := newSite(t, nil, csrf.WithErrorHandler(func(http.ResponseWriter, *http.Request, error) {
		t.Error("refused")
	}))
	body, kind := multipartForm(t, part{"csrfmiddlewaretoken", "", masked}, part{"a", "a.bin", strings.Repeat("s3cret", 1<<20)})
	w := st.serve(postBody(bytes.NewReader(body), kind), func(http.ResponseWriter, *http.Request) { t.Error("the handler was called") })
	check(t, "status", w.Code, 503)
	log := st.logs.String()
	if !strings.Contains(log, "level=ERROR") || !strings.Contains(log, "temporary file") || !strings.Contains(log, missing) || strings.Contains(log, "s3cret") {
		t.Errorf("the log:\n%s", log)
	}

	small, kind := multipartForm(t, part{"csrfmiddlewaretoken", "", masked})
	check(t, "status of what fits into memory", st.serve(postBody(bytes.NewReader(small), kind), ok).Code, 200)
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

// Where the header has the token, a handler reads an upload while it arrives.
func TestStreamingUpload(t *testing.T) {
	testenv.EachProtocol(t, func(t *testing.T, http2 bool) {
		st := newSite(t, nil)
		seen := make(chan string)
		s := st.server(http2, func(_ http.ResponseWriter, r *http.Request) {
			parts, err := r.MultipartReader()
			if err != nil {
				t.Error(err)
				return
			}
			for range 2 {
				p, err := parts.NextPart()
				if err != nil {
					t.Error(err)
					return
				}
				seen <- p.FormName()
			}
			_, _ = io.Copy(io.Discard, r.Body)
		})
		body, upload := io.Pipe()
		form := multipart.NewWriter(upload)
		r, err := http.NewRequestWithContext(t.Context(), "POST", s.URL, body)
		must(t, err)
		r.Header.Set("Content-Type", form.FormDataContentType())
		r.Header.Set("Cookie", cookieHeader)
		r.Header.Set("X-CSRFToken", masked)
		r.Header.Set("Origin", s.URL)
		answered := make(chan error, 1)
		go func() {
			res, err := s.Client().Do(r)
			if err == nil {
				err = res.Body.Close()
			}
			answered <- err
		}()
		for _, name := range []string{"first", "second"} {
			file, err := form.CreateFormFile(name, name)
			must(t, err)
			_, err = io.WriteString(file, strings.Repeat(name, 4<<10))
			must(t, err)
			select { // before the next is sent
			case got := <-seen:
				check(t, "the part", got, name)
			case err := <-answered:
				t.Fatalf("answered too early: %v", err)
			}
		}
		must(t, form.Close())
		must(t, upload.Close())
		must(t, <-answered)
	})
}

// A form of a kind that package mime refuses is read as Django reads it, and the
// handler finds the body as if it had not been.
func TestHandlersSeeOddForms(t *testing.T) {
	part := func(header, value string) string {
		return "--a=b\r\nContent-Disposition: form-data; name=\"csrfmiddlewaretoken\"\r\n" + header + "\r\n" + value + "\r\n"
	}
	file := "--a=b\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n" + strings.Repeat("x", 3<<20) + "\r\n"
	plain, coded := part("", masked), part("Content-Transfer-Encoding: base64\r\n", base64.StdEncoding.EncodeToString([]byte(masked)))
	for name, c := range map[string]struct{ body, kind string }{
		"unquoted boundary": {plain + "--a=b--", "multipart/form-data; boundary=a=b"},
		"charset twice":     {plain + "--a=b--", `multipart/form-data; charset=utf-8; charset=utf-8; boundary="a=b"`},
		"base64":            {coded + "--a=b--", `multipart/form-data; boundary="a=b"`},
		"no end":            {strings.TrimSuffix(plain, "\r\n"), `multipart/form-data; boundary="a=b"`},
		"after a file":      {file + plain + "--a=b--", "multipart/form-data; boundary=a=b"},
		"before a file":     {coded + file, `multipart/form-data; boundary="a=b"`},
		"urlencoded":        {field + masked + "&a=1", "application/x-www-form-urlencoded; charset=utf-8; charset=utf-8"},
		"odd parameter":     {field + masked + "&a=1", "application/x-www-form-urlencoded; a b"},
	} {
		t.Run(name, func(t *testing.T) {
			want := look(postBody(strings.NewReader(c.body), c.kind))
			for what, use := range map[string]func(*http.Request){
				"the form": func(r *http.Request) {
					if got := look(r); !reflect.DeepEqual(got, want) {
						t.Errorf("got  %+v\nwant %+v", got, want)
					}
				},
				"the body": func(r *http.Request) {
					text, err := io.ReadAll(r.Body)
					must(t, err)
					check(t, "the body is as sent", string(text) == c.body, true)
				},
			} {
				st := newSite(t, nil)
				called := false
				st.serve(postBody(strings.NewReader(c.body), c.kind), func(_ http.ResponseWriter, r *http.Request) {
					called = true
					use(r)
				})
				check(t, "called for "+what, called, true)
			}
		})
	}
}
