package djsession_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
)

// greet is the handler to test.
func greet(sessions *django.Sessions) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := sessions.Get(r)
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		name, err := django.Value(s, "name", "stranger")
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		fmt.Fprint(w, "hello ", name)
	})
}

// Example_testing tests a handler with a session that it finds, without a database.
func Example_testing() {
	settings := django.DefaultSettings()
	settings.SecretKey = "any"
	sessions, err := django.New(settings, memstore.New())
	if err != nil {
		log.Fatal(err)
	}
	session := sessions.NewSession()
	if err := session.Set("name", "Ann"); err != nil {
		log.Fatal(err)
	}
	if err := session.Save(context.Background()); err != nil {
		log.Fatal(err)
	}

	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(&http.Cookie{Name: settings.SessionCookieName, Value: session.Key()})
	w := httptest.NewRecorder()
	sessions.Middleware(greet(sessions)).ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)
	// Output: 200 hello Ann
}
