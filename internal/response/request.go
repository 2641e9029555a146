package response

import "net/http"

// HandBack gives to r what handlers further in set in inner, a copy of r that has
// another context: the parsed multipart form, whose temporary files net/http removes from
// the request that it made, and the pattern that an inner mux matched. It is to be
// deferred by whoever made the copy.
func HandBack(r, inner *http.Request) {
	r.Pattern = inner.Pattern
	if r.MultipartForm == nil {
		r.MultipartForm = inner.MultipartForm
	}
}
