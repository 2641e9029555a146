// Command service keeps the cart of a Django shop. Its tests show package djangotest.
package main

import (
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

// open returns the service of a site with these settings.
func open(settings django.Settings) (http.Handler, error) {
	database := settings.Databases["default"]
	db, err := sqlx.Open(database.Driver, database.DSN())
	if err != nil {
		return nil, err
	}
	sessions, err := django.New(settings, dbstore.New(db))
	if err != nil {
		return nil, err
	}
	users, err := usertable.Open(db, sessions)
	if err != nil {
		return nil, err
	}
	logins, err := auth.New(sessions, users)
	if err != nil {
		return nil, err
	}
	return handler(sessions, logins), nil
}

// handler adds to the cart of those who are logged in.
func handler(sessions *django.Sessions, logins *auth.Logins) http.Handler {
	add := func(w http.ResponseWriter, r *http.Request) {
		cart := map[string]int{}
		err := sessions.UpdateRequest(r, func(s *django.Session) error {
			var err error
			if cart, err = django.Value(s, "cart", map[string]int{}); err != nil {
				return err
			}
			cart[r.PathValue("item")]++
			return s.Set("cart", cart)
		})
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		fmt.Fprint(w, cart)
	}
	mux := http.NewServeMux()
	mux.Handle("POST /cart/{item}", logins.RequireLogin(auth.ForAPI())(http.HandlerFunc(add)))
	return sessions.Middleware(logins.Middleware(mux))
}

func main() {
	settings, err := django.LoadSettings("") // the file that DJSESSION_SETTINGS names
	if err != nil {
		log.Fatal(err)
	}
	service, err := open(settings)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:8001", service))
}
