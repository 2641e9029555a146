package torture

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"

	"github.com/djsession/djsession/django"
)

// serve runs a Go service as in production, until the order ends.
func (o order) serve(ss *django.Sessions, begin func(string) error, ended <-chan struct{}) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("POST /set", setHandler(ss))
	mux.Handle("POST /count", countHandler(ss))
	server := &http.Server{Handler: ss.Middleware(mux)}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	if err := begin(listener.Addr().String()); err != nil {
		return err
	}
	select {
	case err := <-failed:
		return err
	case <-ended:
	}
	ctx, cancel := context.WithTimeout(context.Background(), writePatience)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return err
	}
	say("done")
	return nil
}

// setPath is the request that stores a number under a writer's name.
func setPath(name string, n int) string {
	return "/set?" + url.Values{"name": {name}, "number": {strconv.Itoa(n)}}.Encode()
}

// setHandler stores a number in the visitor's session, alternately with Set and with
// UpdateRequest. An anonymous visitor gets 401.
func setHandler(ss *django.Sessions) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.FormValue("name")
		n, err := strconv.Atoi(r.FormValue("number"))
		if err != nil {
			http.Error(w, "number", http.StatusBadRequest)
			return
		}
		if n%2 == 0 {
			err = ss.UpdateRequest(r, func(s *django.Session) error { return setNumber(s, name, n) })
		} else {
			var s *django.Session
			if s, err = ss.Get(r); err == nil {
				err = setNumber(s, name, n)
			}
		}
		answer(ss, w, r, err)
	})
}

// countPath is the path of a writer's request, with its number, to increment the counter.
func countPath(name string, n int) string {
	return "/count?" + url.Values{"name": {name}, "number": {strconv.Itoa(n)}}.Encode()
}

// countHandler increments the session's counter and stores for which request.
func countHandler(ss *django.Sessions) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer(ss, w, r, ss.UpdateRequest(r, func(s *django.Session) error {
			if id, err := django.Value(s, userKey, ""); err != nil || id != user {
				return errors.Join(errAnonymous, err)
			}
			return errors.Join(increment(s), s.Set(countedFor, r.FormValue("name")+" "+r.FormValue("number")))
		}))
	})
}

func answer(ss *django.Sessions, w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, errAnonymous):
		http.Error(w, "anonymous", http.StatusUnauthorized)
	case err != nil:
		ss.HandleError(w, r, err)
	default:
		fmt.Fprintln(w, "stored") // sent only if the session is saved
	}
}
