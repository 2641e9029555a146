package main

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/messages"
)

// service is the part of the shop that Go has taken over.
type service struct {
	sessions *django.Sessions
	forms    *csrf.Protection
	logins   *auth.Logins
	messages *messages.Messages
}

func newService(settings django.Settings, db *sqlx.DB, engine django.Engine) (*service, error) {
	sessions, err := django.New(settings, engine)
	if err != nil {
		return nil, err
	}
	forms, err := csrf.New(sessions)
	if err != nil {
		return nil, err
	}
	users, err := usertable.Open(db, sessions)
	if err != nil {
		return nil, err
	}
	// The shop has Django's user model, so a hash that does not match is a login that ended.
	logins, err := auth.New(sessions, users, auth.WithFlush())
	if err != nil {
		return nil, err
	}
	flash, err := messages.New(sessions)
	if err != nil {
		return nil, err
	}
	return &service{sessions: sessions, forms: forms, logins: logins, messages: flash}, nil
}

// routes serves Go's own paths, and leaves the rest to the shop. The next part to
// move from Django to Go is the next path here.
func (s *service) routes(shop http.Handler) http.Handler {
	own := s.own()
	mux := http.NewServeMux()
	for _, path := range []string{"/cart/", "/login/", "/logout/", "/account/"} {
		mux.Handle(path, own)
	}
	mux.HandleFunc("GET /session/{$}", s.live)
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=86400")
		w.WriteHeader(http.StatusNoContent)
	})
	mux.Handle("/", shop)
	return mux
}

// own serves Go's paths. The middleware is around these only, since Django has its own.
func (s *service) own() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /cart/{$}", s.handle(s.showCart))
	mux.HandleFunc("POST /cart/add", s.handle(s.add))
	mux.HandleFunc("POST /cart/remove", s.handle(s.remove))
	mux.HandleFunc("GET /login/{$}", s.handle(s.showLogin))
	mux.HandleFunc("POST /login/{$}", s.handle(s.logIn))
	mux.HandleFunc("POST /logout/{$}", s.handle(s.logOut))
	mux.Handle("GET /account/{$}", s.logins.RequireLogin()(s.handle(s.showAccount)))
	// In the order of MIDDLEWARE in settings.py.
	h := s.sessions.Middleware(s.forms.Middleware(s.logins.Middleware(s.messages.Middleware(mux))))
	return errorPages(http.MaxBytesHandler(h, 64<<10))
}

// handle answers an error of a handler: with 503 if the session or the user could not be
// read.
func (s *service) handle(h func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		switch {
		case errors.Is(err, errCart):
			slog.ErrorContext(r.Context(), "cart not readable", "method", r.Method, "path", r.URL.Path, "error", err)
			http.Error(w, "The cart is out of order.", http.StatusInternalServerError)
		case err != nil:
			s.sessions.HandleError(w, r, err)
		}
	}
}

// cart returns the cart in the request's session. It asks for the user first, since a
// login that is no longer valid deletes the session with its cart.
func (s *service) cart(r *http.Request) (Cart, error) {
	if _, err := s.logins.User(r); err != nil {
		return nil, err
	}
	session, err := s.sessions.Get(r)
	if err != nil {
		return nil, err
	}
	return cartOf(session)
}
