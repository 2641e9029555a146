package requests

import (
	"errors"
	"net/http"
	"strconv"
	"time"
)

// serveBare sends the queries alone, and stores the bytes that it has loaded: less no service
// can do.
func serveBare(open func(*site) (rows, error)) func(*site) (http.Handler, error) {
	return func(s *site) (http.Handler, error) {
		rows, err := open(s)
		if err != nil {
			return nil, err
		}
		load := func(w http.ResponseWriter, r *http.Request) (key, text string, err error) {
			w.Header().Set("Vary", "Cookie")
			cookie, err := r.Cookie("sessionid")
			if err != nil {
				return "", "", nil
			}
			text, err = rows.load(r.Context(), cookie.Value)
			return cookie.Value, text, err
		}
		read := func(w http.ResponseWriter, r *http.Request) {
			_, text, err := load(w, r)
			if err != nil {
				fail(w, err)
				return
			}
			answer(w, strconv.Itoa(len(text)))
		}
		change := func(w http.ResponseWriter, r *http.Request) {
			key, text, err := load(w, r)
			if err == nil && text == "" {
				err = errors.New("change needs a session")
			}
			expires := time.Now().Add(sessionAge)
			if err == nil {
				err = rows.save(r.Context(), key, text, expires)
			}
			if err != nil {
				fail(w, err)
				return
			}
			setCookie(w, key, expires)
			answer(w, strconv.Itoa(len(text)))
		}
		return handler{read: read, change: change}.mux(), nil
	}
}
