package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

const sessionCookie = "sessionid"

// walk is a visitor's way through the shop.
type walk struct {
	*browser
	page page // where the visitor is

	keyBeforeLogin, keyBeforeLogout string
}

// step does one thing and returns what the visitor saw.
type step struct {
	name string
	do   func(*walk, context.Context) (saw string, err error)
}

// walkThrough takes every step and prints what was seen. The first that does not
// hold ends it with an error that names the step.
func walkThrough(ctx context.Context, base string, out io.Writer) error {
	at, err := url.Parse(base)
	if err != nil {
		return err
	}
	w := &walk{browser: newBrowser(at)}
	for i, s := range steps {
		saw, err := s.do(w, ctx)
		if err != nil {
			fmt.Fprintf(out, "%2d  FAILED  %s\n", i+1, s.name)
			return fmt.Errorf("step %d, %s: %w", i+1, s.name, err)
		}
		fmt.Fprintf(out, "%2d  ok  %-46s %s\n", i+1, s.name, saw)
	}
	return nil
}

var steps = []step{
	{"open the cart for the first time", (*walk).firstVisit},
	{"add coffee in Go, not logged in", add("/cart/add", "coffee", "go", "", "coffee×1")},
	{"see it in Django", see("/", "django", "", "coffee×1")},
	{"log in at Django and come back to Go", (*walk).logIn},
	{"see the login and the cart in Django", see("/", "django", username, "coffee×1")},
	{"try the key from before the login", (*walk).tryKeyBeforeLogin},
	{"open the cart", see("/cart/", "go", username, "coffee×1")},
	{"add tea in Go", add("/cart/add", "tea", "go", username, "coffee×1 tea×1")},
	{"see it in Django", see("/", "django", username, "coffee×1 tea×1")},
	{"add a mug in Django", add("/shop/cart/add/", "mug", "django", username, "coffee×1 tea×1 mug×1")},
	{"add more coffee in Django", add("/shop/cart/add/", "coffee", "django", username, "coffee×2 tea×1 mug×1")},
	{"see both in Go, in this order", see("/cart/", "go", username, "coffee×2 tea×1 mug×1")},
	{"remove the coffee in Go", remove("/cart/remove", "coffee", "go", username, "tea×1 mug×1")},
	{"see it gone in Django", see("/", "django", username, "tea×1 mug×1")},
	{"remove the tea in Django", remove("/shop/cart/remove/", "tea", "django", username, "mug×1")},
	{"see it gone in Go", see("/cart/", "go", username, "mug×1")},
	{"send forms from another site", (*walk).forge},
	{"log out at Django", (*walk).logOut},
	{"see nobody and no cart in Go", see("/cart/", "go", "", "")},
	{"try the key from before the logout", (*walk).tryKeyBeforeLogout},
}

// see opens a page, which has to show just this.
func see(path, server, user, cart string) func(*walk, context.Context) (string, error) {
	return func(w *walk, ctx context.Context) (string, error) {
		p, err := w.open(ctx, path)
		return w.arrive(p, err, server, user, cart)
	}
}

// add and remove send one of the forms on the page where the visitor is.
func add(path, sku, server, user, cart string) func(*walk, context.Context) (string, error) {
	return func(w *walk, ctx context.Context) (string, error) {
		p, err := w.submit(ctx, w.page, path, "sku", sku)
		return w.arrive(p, err, server, user, cart)
	}
}

var remove = add

// arrive is where every step ends: on a page that has to show just this.
func (w *walk) arrive(p page, err error, server, user, cart string) (string, error) {
	if err != nil {
		return "", err
	}
	w.page = p
	return p.String(), p.shows(server, user, cart)
}

func (w *walk) firstVisit(ctx context.Context) (string, error) {
	saw, err := see("/cart/", "go", "", "")(w, ctx)
	if err == nil && w.cookie(sessionCookie) != "" {
		err = errors.New("looking at the cart made a session")
	}
	return saw, err
}

// logIn follows the link on Go's page to Django's form, which leads back to Go.
// Django keeps an anonymous cart at login, and gives the session a new key.
func (w *walk) logIn(ctx context.Context) (string, error) {
	p, err := w.open(ctx, "/cart/")
	if err != nil {
		return "", err
	}
	if w.keyBeforeLogin = w.cookie(sessionCookie); w.keyBeforeLogin == "" {
		return "", errors.New("there is a cart, but no session cookie")
	}
	if p, err = w.follow(ctx, p, "/login/"); err != nil {
		return "", err
	}
	p, err = w.submit(ctx, p, "/login/", "username", username, "password", password)
	saw, err := w.arrive(p, err, "go", username, "coffee×1")
	if err == nil && w.cookie(sessionCookie) == w.keyBeforeLogin {
		err = errors.New("the login did not change the session's key")
	}
	return saw, err
}

func (w *walk) tryKeyBeforeLogin(ctx context.Context) (string, error) {
	return w.tryKey(ctx, w.keyBeforeLogin)
}

func (w *walk) tryKeyBeforeLogout(ctx context.Context) (string, error) {
	return w.tryKey(ctx, w.keyBeforeLogout)
}

// tryKey makes sure that an old key is worth nothing, in Go and in Django.
func (w *walk) tryKey(ctx context.Context, key string) (string, error) {
	for _, at := range []struct{ path, server string }{{"/cart/", "go"}, {"/", "django"}} {
		thief := w.withCookie(sessionCookie, key)
		p, err := thief.open(ctx, at.path)
		if err == nil {
			err = p.shows(at.server, "", "")
		}
		if err != nil {
			return "", err
		}
	}
	return "nothing, in Go and in Django", nil
}

// forge sends forms as a page of another site could. Both refuse them, and
// nothing has changed.
func (w *walk) forge(ctx context.Context) (string, error) {
	for _, path := range []string{"/cart/add", "/shop/cart/add/"} {
		target := w.base.ResolveReference(&url.URL{Path: path})
		_, err := w.post(ctx, target, url.Values{"sku": {"tea"}}, "https://other.example", "cross-site")
		var refused *statusError
		switch {
		case err == nil:
			return "", fmt.Errorf("%s accepted a form of another site", path)
		case !errors.As(err, &refused) || refused.status != http.StatusForbidden:
			return "", fmt.Errorf("a form of another site was not refused with 403: %w", err)
		}
	}
	saw, err := see("/cart/", "go", username, "mug×1")(w, ctx)
	return "403 from both; " + saw, err
}

// logOut goes from Go's page to Django's form.
func (w *walk) logOut(ctx context.Context) (string, error) {
	w.keyBeforeLogout = w.cookie(sessionCookie)
	p, err := w.follow(ctx, w.page, "/logout/")
	if err != nil {
		return "", err
	}
	p, err = w.submit(ctx, p, "/logout/")
	saw, err := w.arrive(p, err, "django", "", "")
	if err == nil && w.cookie(sessionCookie) != "" {
		err = errors.New("the session cookie is still there")
	}
	return saw, err
}
