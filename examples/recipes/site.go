// Package recipes has one file for each recipe of docs/recipes.md, which shows them as they
// are here. They share a Site. It is a module of its own, so that the library does not
// depend on what they use.
package recipes

import (
	"net/http"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

// Site is one Django site's sessions, forms, logins and users.
type Site struct {
	Sessions *django.Sessions
	CSRF     *csrf.Protection
	Logins   *auth.Logins
	Users    *usertable.Table
}

// Open returns the site with these settings whose tables are in db.
func Open(settings django.Settings, db *sqlx.DB, opts ...django.Option) (*Site, error) {
	sessions, err := django.New(settings, dbstore.New(db), opts...)
	if err != nil {
		return nil, err
	}
	protection, err := csrf.New(sessions)
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
	return &Site{sessions, protection, logins, users}, nil
}

// Middleware is the site's three middlewares in the order of Django's MIDDLEWARE,
// the sessions outermost.
func (s *Site) Middleware(next http.Handler) http.Handler {
	return s.Sessions.Middleware(s.CSRF.Middleware(s.Logins.Middleware(next)))
}

// CountVisit adds one to the session's visits and returns how many there are. It asks for
// the user first, as whatever shows something of the session does. An error is for
// Sessions.HandleError.
func (s *Site) CountVisit(r *http.Request) (int, error) {
	if _, err := s.Logins.User(r); err != nil {
		return 0, err
	}
	session, err := s.Sessions.Get(r)
	if err != nil {
		return 0, err
	}
	visits, err := django.Value(session, "visits", 0)
	if err != nil {
		return 0, err
	}
	return visits + 1, session.Set("visits", visits+1)
}
