package auth_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

// A login page and a page for those who are logged in. The database is one that
// Django has migrated; here it gets what the example needs of it.
func Example() {
	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	settings.UseTZ = new(true)
	settings.PasswordHashers = []string{"django.contrib.auth.hashers.MD5PasswordHasher"} // as in a site's own tests

	db := sqlx.MustOpen("sqlite", ":memory:")
	db.SetMaxOpenConns(1) // each connection would have a memory of its own
	db.MustExec(`CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY,
		session_data text NOT NULL, expire_date datetime NOT NULL)`)
	db.MustExec(`CREATE TABLE auth_user (id integer PRIMARY KEY, username varchar(150) NOT NULL UNIQUE,
		password varchar(128) NOT NULL, last_login datetime NULL, is_active bool NOT NULL,
		is_staff bool NOT NULL, is_superuser bool NOT NULL)`)
	db.MustExec(`INSERT INTO auth_user VALUES (1, 'ann', '!', NULL, true, false, false)`)

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
	// A real login form also needs package csrf.
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
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
			sessions.HandleError(w, r, err) // 503, never a login
			return
		}
		logins.RedirectNext(w, r)
	})
	mux.Handle("GET /account", logins.RequireLogin()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, err := logins.User(r) // request.user, without a second query
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		fmt.Fprint(w, "hello ", user.Username)
	})))
	site := sessions.Middleware(logins.Middleware(mux))

	var cookie *http.Cookie
	visit := func(r *http.Request) {
		if cookie != nil {
			r.AddCookie(cookie)
		}
		w := httptest.NewRecorder()
		site.ServeHTTP(w, r)
		for _, c := range w.Result().Cookies() {
			cookie = c
		}
		fmt.Println(r.Method, r.URL.Path, w.Code, cmp.Or(w.Header().Get("Location"), strings.TrimSpace(w.Body.String())))
	}
	post := func(password string) *http.Request {
		form := url.Values{"username": {"ann"}, "password": {password}, "next": {"/account"}}
		r := httptest.NewRequest("POST", "/login", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return r
	}
	visit(httptest.NewRequest("GET", "/account", nil))
	visit(post("a wrong one"))
	visit(post("correct horse"))
	visit(httptest.NewRequest("GET", "/account", nil))
	// The password is changed in Django: this login is over.
	db.MustExec(`UPDATE auth_user SET password = 'md5$salt$another'`)
	visit(httptest.NewRequest("GET", "/account", nil))
	// Output:
	// GET /account 302 /accounts/login/?next=/account
	// POST /login 403 The user name or the password is wrong.
	// POST /login 302 /account
	// GET /account 200 hello ann
	// GET /account 302 /accounts/login/?next=/account
}
