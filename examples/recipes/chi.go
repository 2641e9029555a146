package recipes

import (
	"fmt"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

// Chi returns the routes as a chi router.
func Chi(site *Site) *chi.Mux {
	r := chi.NewRouter()
	r.Use(middleware.Recoverer)
	r.Use(site.Middleware)
	r.Get("/visits", func(w http.ResponseWriter, r *http.Request) {
		visits, err := site.CountVisit(r)
		if err != nil {
			site.Sessions.HandleError(w, r, err)
			return
		}
		fmt.Fprint(w, visits)
	})
	return r
}
