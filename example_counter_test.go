package djsession_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
)

// Example_counter counts requests of one visitor, also those that arrive at the same time.
func Example_counter() {
	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	sessions, err := django.New(settings, memstore.New())
	if err != nil {
		log.Fatal(err)
	}

	site := httptest.NewServer(sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var visits int
		// The function runs again if another request was faster.
		err := sessions.UpdateRequest(r, func(s *django.Session) (err error) {
			if visits, err = django.Value(s, "visits", 0); err != nil {
				return err
			}
			visits++
			return s.Set("visits", visits)
		})
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		fmt.Fprintln(w, "visit", visits)
	})))
	defer site.Close()

	browser := newBrowser()
	show(browser.Get(site.URL))
	var tabs sync.WaitGroup
	for range 10 {
		tabs.Go(func() {
			if res, err := browser.Get(site.URL); err == nil {
				res.Body.Close()
			}
		})
	}
	tabs.Wait()
	show(browser.Get(site.URL))
	// Output:
	// 200 visit 1
	// 200 visit 12
}
