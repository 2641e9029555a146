package main

import "net/http"

// shownAccount is what pages/account.html shows, besides the user.
type shownAccount struct {
	LastLogin   string
	Permissions []string
}

// showAccount is behind RequireLogin: there is a user.
func (s *service) showAccount(w http.ResponseWriter, r *http.Request) error {
	user, err := s.logins.User(r)
	if err != nil {
		return err
	}
	permissions, err := s.logins.Permissions(r.Context(), user)
	if err != nil {
		return err
	}
	return s.showPage(w, r, "account", shownAccount{
		LastLogin:   user.LastLogin.UTC().Format("2 January 2006, 15:04:05 UTC"),
		Permissions: permissions,
	})
}
