package djsession_test

import (
	"html/template"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
	"github.com/djsession/djsession/messages"
)

var list = template.Must(template.New("messages").Parse(
	`{{range .}}<p class="{{.Tags}}">{{.HTML}}</p>{{else}}no messages{{end}}` + "\n"))

// Example_messages shows a message on the next page, whichever side renders it: Django with
// {% for message in messages %}, or Go.
func Example_messages() {
	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	sessions, err := django.New(settings, memstore.New())
	if err != nil {
		log.Fatal(err)
	}
	flash, err := messages.New(sessions)
	if err != nil {
		log.Fatal(err)
	}

	mux := http.NewServeMux()
	mux.HandleFunc("POST /cart/add", func(w http.ResponseWriter, r *http.Request) {
		if err := flash.Success(r, "Tea & cake are in your cart."); err != nil { // messages.success(request, …)
			sessions.HandleError(w, r, err)
			return
		}
		http.Redirect(w, r, "/cart", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /cart", func(w http.ResponseWriter, r *http.Request) {
		unread, err := flash.Get(r) // before the first write
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		if err := list.Execute(w, unread); err != nil {
			log.Print(err)
		}
	})
	// SessionMiddleware, and MessageMiddleware inside it
	site := httptest.NewServer(sessions.Middleware(flash.Middleware(mux)))
	defer site.Close()

	browser := newBrowser()
	show(browser.Post(site.URL+"/cart/add", "", nil)) // follows the redirect
	show(browser.Get(site.URL + "/cart"))
	// Output:
	// 200 <p class="success">Tea &amp; cake are in your cart.</p>
	// 200 no messages
}
