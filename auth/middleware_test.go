package auth_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
)

// TestMiddlewareHandsTheRequestBack: the temporary files of an upload are removed, and the
// pattern of an inner mux is visible outside.
func TestMiddlewareHandsTheRequestBack(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	s := newSite(t, nil)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /upload/{name}", func(w http.ResponseWriter, r *http.Request) {
		f, _, err := r.FormFile("f")
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
			t.Errorf("%d temporary files while the request runs, %v", len(left), err)
		}
		if n, err := io.Copy(io.Discard, f); err != nil || n != 40<<20 {
			t.Errorf("%d bytes, %v", n, err)
		}
	})
	pattern := ""
	inner := s.logins.Middleware(mux)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r)
		pattern = r.Pattern
	}))
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	f, err := m.CreateFormFile("f", "big.bin")
	if err != nil {
		t.Fatal(err)
	}
	f.Write(make([]byte, 40<<20))
	m.Close()
	res, err := http.Post(server.URL+"/upload/x", m.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	server.Close() // waits for the end of the request
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%d temporary files are left, %v", len(left), err)
	}
	if pattern != "POST /upload/{name}" {
		t.Errorf("pattern %q", pattern)
	}
}
