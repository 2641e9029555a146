package djsession_test

import (
	"fmt"
	"html/template"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
)

var form = template.Must(template.New("form").Parse(
	`<form method="post" action="/cart/add">{{.CSRF}}<input name="sku"></form>`))

// Example_form protects a form against requests that another site forges. Django accepts
// the form, too, as Go accepts one with {% csrf_token %}.
func Example_form() {
	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	sessions, err := django.New(settings, memstore.New())
	if err != nil {
		log.Fatal(err)
	}
	protection, err := csrf.New(sessions)
	if err != nil {
		log.Fatal(err)
	}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /cart", func(w http.ResponseWriter, r *http.Request) {
		input, err := protection.Input(r) // {% csrf_token %}
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		if err := form.Execute(w, map[string]any{"CSRF": input}); err != nil {
			log.Print(err)
		}
	})
	mux.HandleFunc("POST /cart/add", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "added", r.PostFormValue("sku"))
	})
	// SessionMiddleware, and CsrfViewMiddleware inside it
	site := httptest.NewServer(sessions.Middleware(protection.Middleware(mux)))
	defer site.Close()

	browser := newBrowser()
	res, err := browser.Get(site.URL + "/cart")
	if err != nil {
		log.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		log.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), `value="`)
	token, _, _ := strings.Cut(rest, `"`)
	show(browser.PostForm(site.URL+"/cart/add", url.Values{"sku": {"tea"}, "csrfmiddlewaretoken": {token}}))

	res, err = browser.PostForm(site.URL+"/cart/add", url.Values{"sku": {"tea"}})
	if err != nil {
		log.Fatal(err)
	}
	res.Body.Close()
	fmt.Println(res.Status)
	// Output:
	// 200 added tea
	// 403 Forbidden
}
