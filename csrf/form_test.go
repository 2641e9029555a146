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
	"reflect"
	"strings"
	"testing"
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

// A malformed query does not make the form malformed.
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

// The token is found in a form that a middleware outside has read.
func TestFormWasRead(t *testing.T) {
	body, kind := multipartForm(t, part{"csrfmiddlewaretoken", "", masked}, part{"a", "f", strings.Repeat("x", 1<<20)})
	for _, c := range []struct{ body, kind string }{{field + masked, "application/x-www-form-urlencoded"}, {string(body), kind}} {
		st := newSite(t, nil)
		r := postBody(strings.NewReader(c.body), c.kind)
		if err := r.ParseMultipartForm(0); err != nil && !errors.Is(err, http.ErrNotMultipart) {
			t.Fatal(err)
		}
		check(t, "status", st.serve(r, ok).Code, 200)
		if r.MultipartForm != nil {
			f, err := r.MultipartForm.File["a"][0].Open()
			must(t, err) // its file is left to the middleware outside
			must(t, f.Close())
			must(t, r.MultipartForm.RemoveAll())
		}
	}
	// By the reader of the parts, which fills in MultipartForm alone.
	r := postBody(bytes.NewReader(body), kind)
	parts, err := r.MultipartReader()
	must(t, err)
	r.MultipartForm, err = parts.ReadForm(2 << 20)
	must(t, err)
	check(t, "status after MultipartReader", newSite(t, nil).serve(r, ok).Code, 200)
}

// A form that package mime rejects is read as Django reads it, and the
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
