// Quickstart counts a visitor's requests in the session that a Django site keeps.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

func main() {
	settings := django.DefaultSettings() // Django's own defaults, field by field
	settings.SecretKey = os.Getenv("DJANGO_SECRET_KEY")
	settings.UseTZ = new(true) // what settings.py says

	db := sqlx.MustOpen("sqlite", "file:db.sqlite3?mode=rw") // the site's database
	sessions, err := django.New(settings, dbstore.New(db))
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/visits", func(w http.ResponseWriter, r *http.Request) {
		s, err := sessions.Get(r) // request.session
		if err != nil {
			return // the middleware answers 503
		}
		visits, _ := django.Value(s, "visits", 0) // request.session.get('visits', 0)
		if err := s.Set("visits", visits+1); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, "visit %d; logged in: %t\n", visits+1, s.Has("_auth_user_id"))
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:8001", sessions.Middleware(http.DefaultServeMux))) // SessionMiddleware
}
