package csrf_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite"

	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

// exampleSessions are the sessions of a site whose database Django has migrated.
func exampleSessions() *django.Sessions {
	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	settings.UseTZ = new(true)
	db := sqlx.MustOpen("sqlite", ":memory:")
	db.SetMaxOpenConns(1)
	db.MustExec(`CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY,
		session_data text NOT NULL, expire_date datetime NOT NULL)`)
	sessions, err := django.New(settings, dbstore.New(db))
	if err != nil {
		log.Fatal(err)
	}
	return sessions
}

func ExampleError() {
	// Instead of Django's CSRF_FAILURE_VIEW.
	refuse := func(w http.ResponseWriter, r *http.Request, err error) {
		if e, ok := err.(*csrf.Error); ok && e.Reason == csrf.ReasonNoCookie {
			http.Error(w, "Please allow cookies, and try again.", http.StatusForbidden)
			return
		}
		csrf.DefaultErrorHandler(w, r, err)
	}
	sessions := exampleSessions()
	protection, err := csrf.New(sessions, csrf.WithErrorHandler(refuse))
	if err != nil {
		log.Fatal(err)
	}
	site := sessions.Middleware(protection.Middleware(http.NotFoundHandler()))

	w := httptest.NewRecorder()
	site.ServeHTTP(w, httptest.NewRequest("POST", "/cart/add", nil))
	fmt.Print(w.Body)
	// Output: Please allow cookies, and try again.
}
