package recipes

import (
	"fmt"
	"net/http"
)

// NetHTTP returns the routes as a ServeMux, and the handler to serve, which has the
// middleware around the whole mux.
func NetHTTP(site *Site) (*http.ServeMux, http.Handler) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /visits", func(w http.ResponseWriter, r *http.Request) {
		visits, err := site.CountVisit(r)
		if err != nil {
			site.Sessions.HandleError(w, r, err)
			return
		}
		fmt.Fprint(w, visits)
	})
	return mux, site.Middleware(mux)
}
