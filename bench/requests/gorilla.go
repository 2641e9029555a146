package requests

import (
	"encoding/gob"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/sessions"
)

// serveGorilla is gorilla/sessions with its store in cookies, which needs no query.
func serveGorilla(s *site) (http.Handler, error) {
	gob.Register(cart{})
	store := sessions.NewCookieStore([]byte(s.SecretKey))
	store.MaxAge(int(sessionAge / time.Second))
	store.Options.HttpOnly, store.Options.Secure, store.Options.SameSite = true, false, http.SameSiteLaxMode
	get := func(w http.ResponseWriter, r *http.Request) (session *sessions.Session, visits int, ok bool) {
		session, err := store.Get(r, "sessionid")
		if err != nil {
			fail(w, err)
			return nil, 0, false
		}
		visits, _ = session.Values["visits"].(int)
		return session, visits, true
	}
	save := func(w http.ResponseWriter, r *http.Request, session *sessions.Session, visits int) {
		session.Values["visits"] = visits
		if err := session.Save(r, w); err != nil {
			fail(w, err)
			return
		}
		answer(w, strconv.Itoa(visits))
	}
	mux := handler{
		read: func(w http.ResponseWriter, r *http.Request) {
			if _, visits, ok := get(w, r); ok {
				answer(w, strconv.Itoa(visits))
			}
		},
		change: func(w http.ResponseWriter, r *http.Request) {
			if session, visits, ok := get(w, r); ok {
				save(w, r, session, visits+1)
			}
		},
	}.mux()
	mux.HandleFunc("/new", func(w http.ResponseWriter, r *http.Request) {
		session, _, ok := get(w, r)
		if !ok {
			return
		}
		for name, value := range login {
			session.Values[name] = value
		}
		session.Values["cart"] = cartOf()
		save(w, r, session, 0)
	})
	return mux, nil
}
