package djsession_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
)

// Cart is what the session holds under "cart". Django sees a dict with a list of dicts.
type Cart struct {
	Lines []Line `json:"lines"`
}

type Line struct {
	SKU      string `json:"sku"`
	Quantity int    `json:"quantity"`
}

// Example_session reads a value of the request's session and changes it.
func Example_session() {
	settings := django.DefaultSettings() // Django's own defaults
	settings.SecretKey = "the SECRET_KEY of settings.py"
	sessions, err := django.New(settings, memstore.New()) // in production dbstore.New(db)
	if err != nil {
		log.Fatal(err)
	}

	mux := http.NewServeMux()
	mux.HandleFunc("POST /cart/add", func(w http.ResponseWriter, r *http.Request) {
		s, err := sessions.Get(r) // request.session
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		cart, err := django.Value(s, "cart", Cart{}) // request.session.get("cart", {})
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		cart.Lines = append(cart.Lines, Line{r.FormValue("sku"), 1})
		if err := s.Set("cart", cart); err != nil { // request.session["cart"] = cart
			sessions.HandleError(w, r, err)
			return
		}
		fmt.Fprintln(w, len(cart.Lines), "lines")
	})
	site := httptest.NewServer(sessions.Middleware(mux)) // SessionMiddleware
	defer site.Close()

	browser := newBrowser()
	show(browser.Post(site.URL+"/cart/add?sku=tea", "", nil))
	show(browser.Post(site.URL+"/cart/add?sku=pot", "", nil))
	// Output:
	// 200 1 lines
	// 200 2 lines
}
