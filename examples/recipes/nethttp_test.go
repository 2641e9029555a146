package recipes

import (
	"fmt"
	"net/http"
)

func serveNetHTTP(site *testSite) string {
	mux, h := NetHTTP(site.Site)
	site.addRoutes(mux.HandleFunc)
	return site.serve(h)
}

// addRoutes adds the tests' routes to a router of net/http handlers.
func (s *testSite) addRoutes(handle func(pattern string, h func(http.ResponseWriter, *http.Request))) {
	handle("/error", func(w http.ResponseWriter, r *http.Request) {
		_, _ = s.CountVisit(r)
		http.Error(w, errHandler.Error(), http.StatusInternalServerError)
	})
	handle("/panic", func(_ http.ResponseWriter, r *http.Request) {
		_, _ = s.CountVisit(r)
		panic(errHandler)
	})
	handle("/move", func(w http.ResponseWriter, r *http.Request) {
		if err := s.moveKey(r); err != nil {
			s.Sessions.HandleError(w, r, err)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "other", Value: "1"})
		http.Redirect(w, r, "/visits", http.StatusSeeOther)
	})
	handle("/stream", s.stream)
	handle("/hijack", s.hijack)
	handle("/form", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.PostFormValue("name")) })
}
