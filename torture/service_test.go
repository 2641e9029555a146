package torture

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

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
		var was int
		if n%2 == 0 {
			err = ss.UpdateRequest(r, func(s *django.Session) (err error) {
				was, err = setNumber(s, name, n)
				return err
			})
		} else {
			var s *django.Session
			if s, err = ss.Get(r); err == nil {
				was, err = setNumber(s, name, n)
			}
		}
		answer(ss, w, r, was, err)
	})
}

// countPath is the path of a writer's request, with its number, to increment the counter.
func countPath(name string, n int) string {
	return "/count?" + url.Values{"name": {name}, "number": {strconv.Itoa(n)}}.Encode()
}

// countHandler increments the session's counter and stores for which request.
func countHandler(ss *django.Sessions) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var own int
		err := ss.UpdateRequest(r, func(s *django.Session) (err error) {
			if id, err := django.Value(s, userKey, ""); err != nil || id != user {
				return errors.Join(errAnonymous, err)
			}
			if own, err = increment(s, r.FormValue("name")); err != nil {
				return err
			}
			return s.Set(countedFor, r.FormValue("name")+" "+r.FormValue("number"))
		})
		if err != nil && !errors.Is(err, django.ErrOutcomeUnknown) {
			w.Header().Set(notCounted, "true")
		}
		answer(ss, w, r, own, err)
	})
}

// notCounted is a header of the answer to an increment that failed and is not stored.
const notCounted = "X-Not-Counted"

// answer answers with a number, or with the error.
func answer(ss *django.Sessions, w http.ResponseWriter, r *http.Request, number int, err error) {
	switch {
	case errors.Is(err, errAnonymous):
		http.Error(w, "anonymous", http.StatusUnauthorized)
	case err != nil:
		ss.HandleError(w, r, err)
	default:
		fmt.Fprintln(w, "stored", number) // sent only if the session is saved
	}
}

// numberIn returns the number in a service's answer.
func numberIn(text string) (int, error) {
	number, ok := strings.CutPrefix(strings.TrimSpace(text), "stored ")
	if !ok {
		return 0, errors.New("an answer without a number")
	}
	return strconv.Atoi(number)
}
