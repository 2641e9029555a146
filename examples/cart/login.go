package main

import (
	"errors"
	"net/http"

	"github.com/djsession/djsession/auth"
)

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
	user, err := s.logins.Authenticate(r.Context(), name, r.PostFormValue("password"))
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
	s.logins.RedirectNext(w, r)
	return nil
}

// logOut answers a POST, from the header of Go's pages and of Django's.
func (s *service) logOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.logins.Logout(r); err != nil {
		return err
	}
	// Django's page shows it.
	if err := s.messages.Info(r, "You are logged out."); err != nil {
		return err
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}
