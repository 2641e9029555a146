package djsession_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
)

// Example_flash keeps a message for the next page, which shows it once.
func Example_flash() {
	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	sessions, err := django.New(settings, memstore.New())
	if err != nil {
		log.Fatal(err)
	}

	mux := http.NewServeMux()
	mux.HandleFunc("POST /save", func(w http.ResponseWriter, r *http.Request) {
		s, err := sessions.Get(r)
		if err == nil {
			err = s.Set("flash", "Saved.")
		}
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		s, err := sessions.Get(r)
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		message, err := django.Pop(s, "flash", "no message") // request.session.pop("flash", "no message")
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		fmt.Fprintln(w, message)
	})
	site := httptest.NewServer(sessions.Middleware(mux))
	defer site.Close()

	browser := newBrowser()
	show(browser.Post(site.URL+"/save", "", nil)) // follows the redirect
	show(browser.Get(site.URL))
	// Output:
	// 200 Saved.
	// 200 no message
}
