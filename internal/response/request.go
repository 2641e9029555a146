package response

import (
	"context"
	"net/http"
)

// WithContext returns a copy of r with ctx for the handlers further in. done, to be
// deferred, hands back to r what they set in the copy: the parsed multipart form,
// whose temporary files net/http removes from the request it made, and the pattern
// that an inner mux matched.
func WithContext(r *http.Request, ctx context.Context) (inner *http.Request, done func()) {
	inner = r.WithContext(ctx)
	return inner, func() {
		r.Pattern = inner.Pattern
		if r.MultipartForm == nil {
			r.MultipartForm = inner.MultipartForm
		}
	}
}
