package djsession_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
	"github.com/djsession/djsession/serializer"
)

// staff are users in memory: an auth.Users with an auth.PermissionLister. See package
// usertable for those in the site's database.
type staff map[string]auth.User

func (s staff) ByID(_ context.Context, id string) (auth.User, error) {
	if u, ok := s[id]; ok {
		return u, nil
	}
	return auth.User{}, auth.ErrNoUser
}

func (s staff) ByUsername(context.Context, string) (auth.User, error) {
	return auth.User{}, auth.ErrNoUser
}

func (s staff) ReadID(v serializer.Value) (string, bool) { return auth.ReadText(v) }

func (s staff) Permissions(_ context.Context, id string) ([]string, error) {
	return map[string][]string{"1": {"shop.view_order"}}[id], nil
}

// Example_guards protects pages as login_required and permission_required do.
func Example_guards() {
	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	settings.LoginURL = "/login"
	sessions, err := django.New(settings, memstore.New())
	if err != nil {
		log.Fatal(err)
	}
	ann := auth.User{ID: "1", Username: "ann", Password: "!", IsActive: true}
	logins, err := auth.New(sessions, staff{"1": ann})
	if err != nil {
		log.Fatal(err)
	}

	page := func(name string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, name) })
	}
	mux := http.NewServeMux()
	mux.Handle("/login", page("please log in"))
	mux.Handle("/account", logins.RequireLogin()(page("account")))
	mux.Handle("/orders", logins.RequirePerm([]string{"shop.view_order"})(page("orders")))
	// Without auth.Forbidding, who lacks the permission is asked to log in as somebody else.
	mux.Handle("/refunds", logins.RequirePerm([]string{"shop.add_refund"}, auth.Forbidding())(page("refunds")))
	mux.Handle("/api/account", logins.RequireLogin(auth.ForAPI())(page("{}")))
	mux.HandleFunc("/enter", func(w http.ResponseWriter, r *http.Request) { // in place of a login form
		if err := logins.Login(r, ann); err != nil {
			sessions.HandleError(w, r, err)
		}
	})
	site := httptest.NewServer(sessions.Middleware(logins.Middleware(mux)))
	defer site.Close()

	browser := newBrowser()
	show(browser.Get(site.URL + "/account"))
	show(browser.Get(site.URL + "/api/account"))
	show(browser.Get(site.URL + "/enter"))
	show(browser.Get(site.URL + "/account"))
	show(browser.Get(site.URL + "/orders"))
	show(browser.Get(site.URL + "/refunds"))
	// Output:
	// 200 please log in
	// 401 {"detail":"You are not logged in."}
	// 200
	// 200 account
	// 200 orders
	// 403 Forbidden
}
