package main

import (
	"bytes"
	"html/template"
	"net/http"
	"strings"
)

// errorTexts are the texts of error pages, by status.
var errorTexts = map[int]shownError{
	http.StatusForbidden: {403, "This form was not accepted", "It came from another site, or its page is older than your last login. Go back, reload the page and send it again."},
	http.StatusNotFound:  {404, "There is no such page", "Go looked for it and found nothing. The products are on Django's page."},
}

// shownError is what pages/error.html shows.
type shownError struct {
	Status int
	Title  string
	Text   string
}

// errorPages replaces the answers of http.Error in h by a page of the shop. It uses no
// session, so that it works without the database.
func errorPages(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(&errorWriter{ResponseWriter: w}, r) })
}

// errorWriter replaces the text of http.Error.
type errorWriter struct {
	http.ResponseWriter
	page []byte // nil if there was no error
}

// Unwrap is for http.ResponseController.
func (w *errorWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *errorWriter) WriteHeader(status int) {
	if status >= 400 && strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		shown, ok := errorTexts[status]
		if !ok {
			shown = shownError{status, http.StatusText(status), "Please try again later."}
		}
		var b bytes.Buffer
		p := page{Name: "error", Style: template.CSS(styleCSS), Try: template.HTML(tryHTML), GoVersion: goVersion, Content: shown}
		if err := pageTemplates["error"].ExecuteTemplate(&b, "base.html", p); err == nil {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Del("Content-Length") // of the text
			w.page = b.Bytes()
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *errorWriter) Write(b []byte) (int, error) {
	if w.page == nil {
		return w.ResponseWriter.Write(b)
	}
	_, err := w.ResponseWriter.Write(w.page)
	w.page = []byte{} // once
	return len(b), err
}
