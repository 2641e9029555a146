package djsession_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/djsession/djsession/signing"
)

// Example_signedCookie sets and reads a cookie as Django's set_signed_cookie and
// get_signed_cookie do.
func Example_signedCookie() {
	cookies, err := signing.NewCookieSigner("the SECRET_KEY of settings.py", signing.CookieOptions{})
	if err != nil {
		log.Fatal(err)
	}
	const maxAge = 30 * 24 * time.Hour

	mux := http.NewServeMux()
	mux.HandleFunc("POST /theme", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{
			Name: "theme", Value: cookies.Sign("theme", "", "dark"), MaxAge: int(maxAge.Seconds()), Path: "/", HttpOnly: true,
		})
	})
	mux.HandleFunc("GET /theme", func(w http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie("theme")
		if err != nil {
			http.Error(w, "no theme", http.StatusNotFound)
			return
		}
		theme, err := cookies.Unsign("theme", "", cookie.Value, maxAge)
		if err != nil {
			http.Error(w, "a forged or old theme", http.StatusBadRequest)
			return
		}
		fmt.Fprintln(w, theme)
	})
	site := httptest.NewServer(mux)
	defer site.Close()

	browser := newBrowser()
	show(browser.Get(site.URL + "/theme"))
	show(browser.Post(site.URL+"/theme", "", nil))
	show(browser.Get(site.URL + "/theme"))
	// Output:
	// 404 no theme
	// 200
	// 200 dark
}
