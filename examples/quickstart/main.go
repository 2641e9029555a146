package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

func main() {
	settings := django.DefaultSettings() // Django's own defaults, field by field
	settings.SecretKey = os.Getenv("DJANGO_SECRET_KEY")
	settings.DjangoVersion = "6.1" // python -m django --version
	settings.UseTZ = new(true)     // USE_TZ in settings.py

	db := sqlx.MustOpen("sqlite", "file:db.sqlite3?mode=rw") // the site's database
	sessions := must(django.New(settings, dbstore.New(db)))
	logins := must(auth.New(sessions, must(usertable.Open(db, sessions))))
	if err := sessions.Check(context.Background()); err != nil {
		log.Fatal(err) // the wrong database, or the wrong key
	}

	http.HandleFunc("/visits", func(w http.ResponseWriter, r *http.Request) {
		s, err := sessions.Get(r) // request.session
		if err != nil {
			sessions.HandleError(w, r, err) // logs it and answers, usually with 503
			return
		}
		user, err := logins.User(r) // request.user
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		visits, _ := django.Value(s, "visits", 0) // request.session.get('visits', 0)
		if err := s.Set("visits", visits+1); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, "visit %d, logged in as %q\n", visits+1, user.Username)
	})
	// SessionMiddleware, AuthenticationMiddleware
	log.Fatal(http.ListenAndServe("127.0.0.1:8001", sessions.Middleware(logins.Middleware(http.DefaultServeMux))))
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
