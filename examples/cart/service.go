package main

import (
	"log/slog"
	"net/http"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/django"
)

// service is the part of the shop that Go has taken over.
type service struct {
	sessions *django.Sessions
	db       *sqlx.DB
}

// routes serves what is under /cart/, and leaves the rest to the shop. The next
// part to move from Django to Go is the next line here.
func (s *service) routes(shop http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/cart/", s.cart())
	mux.Handle("/", shop)
	return mux
}

// cart has the session middleware to itself: what Django answers, with its own
// session middleware, passes by untouched.
func (s *service) cart() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /cart/{$}", s.handle(s.show))
	mux.HandleFunc("POST /cart/add", s.handle(s.add))
	mux.HandleFunc("POST /cart/remove", s.handle(s.remove))
	h := http.MaxBytesHandler(s.sessions.Middleware(mux), 64<<10)
	// A form on somebody else's site must not change the cart.
	return http.NewCrossOriginProtection().Handler(h)
}

// handle gives a handler its session. If that cannot be loaded or, afterwards,
// saved, the middleware logs it and answers, whatever is written here.
func (s *service) handle(h func(http.ResponseWriter, *http.Request, *django.Session) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		session, err := s.sessions.Get(r)
		if err != nil {
			http.Error(w, "The cart is out of reach.", http.StatusServiceUnavailable)
			return
		}
		if err := h(w, r, session); err != nil {
			slog.ErrorContext(r.Context(), "cart", "method", r.Method, "path", r.URL.Path, "error", err)
			http.Error(w, "The cart is out of order.", http.StatusInternalServerError)
		}
	}
}

func (s *service) show(w http.ResponseWriter, r *http.Request, session *django.Session) error {
	user, err := s.username(r.Context(), session)
	if err != nil {
		return err
	}
	cart, err := django.Value(session, "cart", Cart{})
	if err != nil {
		return err
	}
	return showPage(w, user, cart)
}

func (s *service) add(w http.ResponseWriter, r *http.Request, session *django.Session) error {
	sku := r.PostFormValue("sku")
	if _, ok := products[sku]; !ok {
		http.Error(w, "There is no such product.", http.StatusNotFound)
		return nil
	}
	return change(w, r, session, func(c Cart) Cart { return c.Add(sku) })
}

func (s *service) remove(w http.ResponseWriter, r *http.Request, session *django.Session) error {
	sku := r.PostFormValue("sku")
	return change(w, r, session, func(c Cart) Cart { return c.Remove(sku) })
}

// change edits the cart in the session, which the middleware saves.
func change(w http.ResponseWriter, r *http.Request, session *django.Session, edit func(Cart) Cart) error {
	cart, err := django.Value(session, "cart", Cart{})
	if err != nil {
		return err
	}
	if cart = edit(cart); len(cart) > 0 {
		err = session.Set("cart", cart)
	} else {
		session.Delete("cart")
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/cart/", http.StatusSeeOther)
	return nil
}
