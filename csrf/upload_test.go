package csrf_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/internal/testenv"
)

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

// A form that cannot be stored is an error of the server, not a rejection: the answer is
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
