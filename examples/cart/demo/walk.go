package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
)

const (
	sessionCookie = "sessionid"
	newPassword   = "demo-shop-changed"
)

// walk is a visitor's way through the shop.
type walk struct {
	*browser
	page   page   // where the visitor is
	by     string // who has to have written the session last
	second *walk  // the same user, in another browser

	anonymous map[string]page   // by place: seen last when not logged in
	keys      map[string]string // of the session, by what ended them
}

// do is what one step does; it returns what the visitor saw.
type do func(*walk, context.Context) (saw string, err error)

type step struct {
	name string
	do   do
}

// walkThrough takes every step and prints what was seen. The first that does not
// hold ends it with an error that names the step.
func walkThrough(ctx context.Context, base string, out io.Writer) error {
	at, err := url.Parse(base)
	if err != nil {
		return err
	}
	w := newWalk(at)
	w.second = newWalk(at)
	for i, s := range steps {
		saw, err := s.do(w, ctx)
		if err != nil {
			fmt.Fprintf(out, "%2d  FAILED  %s\n", i+1, s.name)
			return fmt.Errorf("step %d, %s: %w", i+1, s.name, err)
		}
		fmt.Fprintf(out, "%2d  ok  %-50s %s\n", i+1, s.name, saw)
	}
	return nil
}

func newWalk(at *url.URL) *walk {
	return &walk{browser: newBrowser(at), anonymous: map[string]page{}, keys: map[string]string{}}
}

var steps = []step{
	{"open the cart for the first time", (*walk).firstVisit},
	{"add coffee in Go, not logged in", add("/cart/add", "coffee", cartPage, "", "coffee×1")},
	{"see it in Django", see("/", productsPage, "", "coffee×1")},
	{"ask Go for the account", see("/account/", loginPage, "", "")},
	{"log in with a wrong password", (*walk).wrongPassword},
	{"log in, and be led to the account", (*walk).logIn},
	{"see the login and the cart in Django", see("/", productsPage, username, "coffee×1")},
	{"see the login in Django's admin", see("/admin/", adminPage, username, "")},
	{"try the key from before the login", tryKey("login")},
	{"send forms from before the login", (*walk).sendEarlyForms},

	{"ask both for a page that is not there", (*walk).findNothing},
	{"open the cart", see("/cart/", cartPage, username, "coffee×1")},
	{"add tea in Go", add("/cart/add", "tea", cartPage, username, "coffee×1 tea×1")},
	{"see it in Django", see("/", productsPage, username, "coffee×1 tea×1")},
	{"add a mug in Django", add("/shop/cart/add/", "mug", productsPage, username, "coffee×1 tea×1 mug×1")},
	{"add more coffee in Django", add("/shop/cart/add/", "coffee", productsPage, username, "coffee×2 tea×1 mug×1")},
	{"see both in Go, in this order", see("/cart/", cartPage, username, "coffee×2 tea×1 mug×1")},
	{"remove the coffee in Go", remove("/cart/remove", "coffee", cartPage, username, "tea×1 mug×1")},
	{"see it gone in Django", see("/", productsPage, username, "tea×1 mug×1")},
	{"remove the tea in Django", remove("/shop/cart/remove/", "tea", productsPage, username, "mug×1")},
	{"see it gone in Go", see("/cart/", cartPage, username, "mug×1")},
	{"send forged forms", (*walk).forge},
	{"order by Go's form, which goes to Django", (*walk).order},
	{"add filters in Django", add("/shop/cart/add/", "filters", productsPage, username, "filters×1")},

	{"2nd browser: log in by a link to another site", second((*walk).logInByBadLink)},
	{"2nd browser: add tea in Django", second(add("/shop/cart/add/", "tea", productsPage, username, "tea×1"))},
	{"change the password in Django", (*walk).changePassword},
	{"see the login kept in Go's cart", see("/cart/", cartPage, username, "filters×1")},
	{"see it kept in Django's admin", see("/admin/", adminPage, username, "")},
	{"try the key from before the change", tryKey("change")},
	{"2nd browser: see nobody in Go", second((*walk).findLoggedOut)},
	{"2nd browser: try its key", second(tryKey("change"))},
	{"2nd browser: ask for Django's password page", second(see("/password/", loginPage, "", ""))},
	{"2nd browser: log in, new password, and be led back", second((*walk).logInAgain)},

	{"open Django's products", see("/", productsPage, username, "filters×1")},
	{"log out by Django's form, which goes to Go", (*walk).logOut},
	{"see nobody and no cart in Go", see("/cart/", cartPage, "", "")},
	{"ask for Django's admin", see("/admin/", loginPage, "", "")},
	{"try the key from before the logout", tryKey("logout")},
	{"2nd browser: still logged in", second(see("/cart/", cartPage, username, ""))},
	{"2nd browser: log out by Go's form", second((*walk).logOut)},
	{"2nd browser: try its key", second(tryKey("logout"))},
}

// second has the second browser take a step.
func second(take do) do {
	return func(w *walk, ctx context.Context) (string, error) { return take(w.second, ctx) }
}

// see opens a page; the one that the visitor is led to has to show just this.
func see(path, place, user, cart string) do {
	return func(w *walk, ctx context.Context) (string, error) {
		p, err := w.open(ctx, path)
		return w.arrive(p, err, place, user, cart)
	}
}

// add and remove send one of the forms on the page where the visitor is.
func add(path, sku, place, user, cart string) do {
	return func(w *walk, ctx context.Context) (string, error) {
		w.by = "Django"
		if strings.HasPrefix(path, "/cart/") {
			w.by = "Go"
		}
		p, err := w.submit(ctx, w.page, path, "sku", sku)
		return w.arrive(p, err, place, user, cart)
	}
}

var remove = add

// arrive is where every step ends: on a page that has to show just this and, with a
// cart, who wrote the session last.
func (w *walk) arrive(p page, err error, place, user, cart string) (string, error) {
	if err != nil {
		return "", err
	}
	w.page = p
	if user == "" {
		w.anonymous[p.place] = p
	}
	if err := p.shows(place, user, cart); err != nil {
		return "", err
	}
	if cart != "" && p.by != w.by {
		return "", fmt.Errorf("expected the session to be written last by %s; saw %s", w.by, p)
	}
	return p.String(), nil
}

// key returns the session's key, and keeps it for tryKey after this event.
func (w *walk) key(before string) string {
	w.keys[before] = w.cookie(sessionCookie)
	return w.keys[before]
}

// tryKey makes sure that the key from before an event is worth nothing now, in Go
// and in Django: whoever has it sees no user and no cart, so there is no session.
func tryKey(before string) do {
	return func(w *walk, ctx context.Context) (string, error) {
		if w.keys[before] == "" {
			return "", errors.New("there was no session cookie")
		}
		for _, at := range []struct{ path, place string }{{"/cart/", cartPage}, {"/", productsPage}} {
			thief := w.withCookie(sessionCookie, w.keys[before])
			p, err := thief.open(ctx, at.path)
			if err == nil {
				err = p.shows(at.place, "", "")
			}
			if err != nil {
				return "", err
			}
		}
		return "nothing, in Go and in Django", nil
	}
}
