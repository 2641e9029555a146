package main

import (
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
)

// newProxy passes requests on to Django with the visitor's Host, so that Django's
// redirects and CSRF checks use this address.
func newProxy(django *url.URL) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(django)
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			slog.ErrorContext(r.Context(), "Django does not answer", "method", r.Method, "path", r.URL.Path, "error", err)
			http.Error(w, "The shop does not answer.", http.StatusBadGateway)
		},
	}
}
