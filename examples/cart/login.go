package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/djsession/djsession/auth"
)

// loginPatience is how long a visitor waits for the password to be checked while
// many others log in; after that the answer is 503.
const loginPatience = 10 * time.Second

// shownLogin is what pages/login.html shows.
type shownLogin struct {
	Username string // that was typed
	Error    string // empty at first
}

func (s *service) showLogin(w http.ResponseWriter, r *http.Request) error {
	return s.showPage(w, r, "login", shownLogin{})
}

// logIn is what Django's LoginView does with its form.
func (s *service) logIn(w http.ResponseWriter, r *http.Request) error {
	name := auth.NormalizeUsername(r.PostFormValue("username"))
	user, err := s.authenticate(r, name, r.PostFormValue("password"))
	if errors.Is(err, auth.ErrCredentials) {
		return s.showPage(w, r, "login", shownLogin{Username: name, Error: "The user name or the password is wrong."})
	}
	if err != nil {
		return err
	}
	if err := s.logins.Login(r, user); err != nil {
		return err
	}
	session, err := s.sessions.Get(r)
	if err != nil {
		return err
	}
	if err := markWriter(session); err != nil {
		return err
	}
	http.Redirect(w, r, s.logins.NextURL(r), http.StatusSeeOther)
	return nil
}

func (s *service) authenticate(r *http.Request, name, password string) (auth.User, error) {
	ctx, cancel := context.WithTimeout(r.Context(), s.patience)
	defer cancel()
	return s.logins.Authenticate(ctx, name, password)
}

// logOut takes a POST, from the header of Go's pages and of Django's.
func (s *service) logOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.logins.Logout(r); err != nil {
		return err
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}
