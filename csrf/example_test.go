package csrf_test

import (
	"fmt"
	"html/template"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite"

	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

// exampleSessions are the sessions of a site whose database Django has migrated.
func exampleSessions() *django.Sessions {
	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	settings.UseTZ = new(true)
	db := sqlx.MustOpen("sqlite", ":memory:")
	db.SetMaxOpenConns(1)
	db.MustExec(`CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY,
		session_data text NOT NULL, expire_date datetime NOT NULL)`)
	sessions, err := django.New(settings, dbstore.New(db))
	if err != nil {
		log.Fatal(err)
	}
	return sessions
}

var form = template.Must(template.New("form").Parse(
	`<form method="post" action="/cart/add">{{.CSRFToken}}<input name="sku"></form>`))

func Example() {
	sessions := exampleSessions()
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
		_ = form.Execute(w, map[string]any{"CSRFToken": input})
	})
	mux.HandleFunc("POST /cart/add", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "added", r.PostFormValue("sku"))
	})
	// SessionMiddleware, and CsrfViewMiddleware inside it
	site := sessions.Middleware(protection.Middleware(mux))

	page := httptest.NewRecorder()
	site.ServeHTTP(page, httptest.NewRequest("GET", "/cart", nil))
	_, token, _ := strings.Cut(page.Body.String(), `value="`)
	token, _, _ = strings.Cut(token, `"`)

	for _, token := range []string{token, "forged"} {
		fields := url.Values{"sku": {"tea"}, "csrfmiddlewaretoken": {token}}
		r := httptest.NewRequest("POST", "/cart/add", strings.NewReader(fields.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(page.Result().Cookies()[0])
		w := httptest.NewRecorder()
		site.ServeHTTP(w, r)
		fmt.Println(w.Code)
	}
	// Output:
	// 200
	// 403
}

func ExampleError() {
	// Instead of Django's CSRF_FAILURE_VIEW.
	refuse := func(w http.ResponseWriter, r *http.Request, err error) {
		if e, ok := err.(*csrf.Error); ok && e.Reason == csrf.ReasonNoCookie {
			http.Error(w, "Please allow cookies, and try again.", http.StatusForbidden)
			return
		}
		csrf.DefaultErrorHandler(w, r, err)
	}
	sessions := exampleSessions()
	protection, err := csrf.New(sessions, csrf.WithErrorHandler(refuse))
	if err != nil {
		log.Fatal(err)
	}
	site := sessions.Middleware(protection.Middleware(http.NotFoundHandler()))

	w := httptest.NewRecorder()
	site.ServeHTTP(w, httptest.NewRequest("POST", "/cart/add", nil))
	fmt.Print(w.Body)
	// Output: Please allow cookies, and try again.
}
