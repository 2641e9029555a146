package response

import "net/http"

// HandBack copies to r what handlers set in inner, a copy of r with another context: the
// multipart form, whose temporary files net/http removes from its own request, and the
// pattern that a mux matched. Defer it where inner is made.
func HandBack(r, inner *http.Request) {
	r.Pattern = inner.Pattern
	if r.MultipartForm == nil {
		r.MultipartForm = inner.MultipartForm
	}
}
