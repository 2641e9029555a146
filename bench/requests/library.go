package requests

import (
	"net/http"
	"strconv"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

func (s *site) settings() django.Settings {
	settings := django.DefaultSettings()
	settings.SecretKey, settings.DjangoVersion, settings.UseTZ = s.SecretKey, s.DjangoVersion, new(true)
	return settings
}

// serveLibrary is the library as its README uses it.
func serveLibrary(opts ...usertable.Option) func(*site) (http.Handler, error) {
	return func(s *site) (http.Handler, error) {
		if s.Redis != "" {
			return serveRedisLibrary(s)
		}
		return serveDatabaseLibrary(s, opts)
	}
}

func serveDatabaseLibrary(s *site, opts []usertable.Option) (http.Handler, error) {
	pool, err := s.open()
	if err != nil {
		return nil, err
	}
	db := sqlx.NewDb(pool, s.Driver)
	sessions, err := django.New(s.settings(), dbstore.New(db))
	if err != nil {
		return nil, err
	}
	users, err := usertable.Open(db, sessions, opts...)
	if err != nil {
		return nil, err
	}
	logins, err := auth.New(sessions, users)
	if err != nil {
		return nil, err
	}
	h := libraryHandler(sessions)
	h.user = logins.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, err := logins.User(r)
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		answer(w, u.Username)
	})).ServeHTTP
	return sessions.Middleware(h.mux()), nil
}

func libraryHandler(sessions *django.Sessions) handler {
	return handler{
		read: func(w http.ResponseWriter, r *http.Request) {
			session, err := sessions.Get(r)
			if err != nil {
				sessions.HandleError(w, r, err)
				return
			}
			visits, _ := django.Value(session, "visits", 0)
			answer(w, strconv.Itoa(visits))
		},
		change: func(w http.ResponseWriter, r *http.Request) {
			session, err := sessions.Get(r)
			if err != nil {
				sessions.HandleError(w, r, err)
				return
			}
			visits, _ := django.Value(session, "visits", 0)
			if err := session.Set("visits", visits+1); err != nil {
				fail(w, err)
				return
			}
			answer(w, strconv.Itoa(visits+1))
		},
	}
}
