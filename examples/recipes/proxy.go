package recipes

import (
	"net/http"
	"net/http/httputil"
	"net/url"
)

// Proxy passes requests on to a backend and tells it in headers who is logged in. The
// backend must not be reachable in another way: it believes the headers.
func Proxy(site *Site, backend *url.URL) http.Handler {
	proxy := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(backend)
		p.SetXForwarded()
		user, _ := site.Logins.User(p.In) // asked for below; the request keeps the answer
		SetIdentity(p.Out.Header, user)
	}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := site.Logins.User(r); err != nil {
			site.Sessions.HandleError(w, r, err)
			return
		}
		proxy.ServeHTTP(w, r)
	})
}
