package djsession_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/djangotest"
)

// greet is the handler to test.
func greet(sessions *django.Sessions) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := sessions.Get(r)
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		name, err := django.Value(s, "name", "stranger")
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		fmt.Fprint(w, "hello ", name)
	})
}

// Example_testing tests a handler with a session that it finds, without a database.
func Example_testing() {
	t := new(testing.T) // the test's own

	site := djangotest.New(t)
	client := site.Client(site.Sessions.Middleware(greet(site.Sessions)))
	client.AddCookie(site.CreateSession(t, map[string]any{"name": "Ann"}))
	res, err := client.Get("http://testserver/")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	fmt.Println(res.StatusCode, string(body))
	// Output: 200 hello Ann
}
