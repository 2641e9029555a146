package main

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

func main() {
	settings := must(django.LoadSettings("djsession.json")) // settings.py, as djsession settings wrote it
	database := settings.Databases["default"]
	db := sqlx.MustOpen(database.Driver, database.DSN())
	sessions := must(django.New(settings, dbstore.New(db)))
	logins := must(auth.New(sessions, must(usertable.Open(db, sessions))))
	if err := sessions.Check(context.Background()); err != nil {
		log.Fatal(err) // another database, or another key
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
