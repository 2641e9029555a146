package djsession_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

// Example_login logs a user in and out, so that the Django site agrees.
func Example_login() {
	db := sqlx.MustOpen("sqlite", ":memory:") // the site's
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection has a memory of its own
	db.MustExec(`CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY,
		session_data text NOT NULL, expire_date datetime NOT NULL)`)
	db.MustExec(`CREATE TABLE auth_user (id integer PRIMARY KEY, username varchar(150) NOT NULL UNIQUE,
		password varchar(128) NOT NULL, last_login datetime NULL, is_active bool NOT NULL,
		is_staff bool NOT NULL, is_superuser bool NOT NULL)`)
	db.MustExec(`INSERT INTO auth_user VALUES (1, 'ann', '!', NULL, true, false, false)`)

	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	settings.UseTZ = new(true)
	settings.PasswordHashers = []string{"django.contrib.auth.hashers.MD5PasswordHasher"} // fast, for tests only
	sessions, err := django.New(settings, dbstore.New(db))
	if err != nil {
		log.Fatal(err)
	}
	users, err := usertable.Open(db, sessions)
	if err != nil {
		log.Fatal(err)
	}
	logins, err := auth.New(sessions, users)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := logins.SetPassword(context.Background(), auth.User{ID: "1"}, "correct horse"); err != nil {
		log.Fatal(err)
	}

	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) { // needs CSRF protection, see the form example
		name := auth.NormalizeUsername(r.PostFormValue("username"))
		user, err := logins.Authenticate(r.Context(), name, r.PostFormValue("password"))
		if errors.Is(err, auth.ErrCredentials) {
			http.Error(w, "The user name or the password is wrong.", http.StatusForbidden)
			return
		}
		if err == nil {
			err = logins.Login(r, user)
		}
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		logins.RedirectNext(w, r) // to the form's next, if that is safe
	})
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) {
		if err := logins.Logout(r); err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		user, err := logins.User(r) // request.user
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		fmt.Fprintf(w, "logged in: %t %s", user.IsAuthenticated(), user.Username)
	})
	// SessionMiddleware, and AuthenticationMiddleware inside it
	site := httptest.NewServer(sessions.Middleware(logins.Middleware(mux)))
	defer site.Close()

	browser := newBrowser()
	show(browser.PostForm(site.URL+"/login", url.Values{"username": {"ann"}, "password": {"wrong"}}))
	show(browser.PostForm(site.URL+"/login", url.Values{"username": {"ann"}, "password": {"correct horse"}, "next": {"/"}}))
	show(browser.PostForm(site.URL+"/logout", nil))
	// Output:
	// 403 The user name or the password is wrong.
	// 200 logged in: true ann
	// 200 logged in: false
}
