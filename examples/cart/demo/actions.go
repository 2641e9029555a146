package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

func (w *walk) firstVisit(ctx context.Context) (string, error) {
	saw, err := see("/cart/", cartPage, "", "")(w, ctx)
	if err == nil && w.cookie(sessionCookie) != "" {
		err = errors.New("looking at the cart made a session")
	}
	return saw, err
}

func (w *walk) wrongPassword(ctx context.Context) (string, error) {
	key := w.cookie(sessionCookie)
	p, err := w.submit(ctx, w.page, "/login/", "username", username, "password", password+"!")
	saw, err := w.arrive(p, err, loginPage, "", "")
	switch {
	case err != nil:
	case p.alert == "":
		err = errors.New("the page does not say that the password is wrong")
	case w.cookie(sessionCookie) != key:
		err = errors.New("a wrong password changed the session's key")
	}
	return saw + ", “" + p.alert + "”", err
}

// logIn sends the form that the account page led to, and comes back there. An
// anonymous cart stays at login, and the session gets a new key.
func (w *walk) logIn(ctx context.Context) (string, error) {
	key := w.key("login")
	w.by = "Go"
	p, err := w.submit(ctx, w.page, "/login/", "username", username, "password", password)
	saw, err := w.arrive(p, err, accountPage, username, "")
	if err == nil && w.cookie(sessionCookie) == key {
		err = errors.New("the login did not change the session's key")
	}
	return saw + ", under a new key", err
}

// sendEarlyForms sends forms of pages from before the login, one of Go's and one of
// Django's. Their tokens ended with it.
func (w *walk) sendEarlyForms(ctx context.Context) (string, error) {
	for place, path := range map[string]string{cartPage: "/cart/add", productsPage: "/shop/cart/add/"} {
		_, err := w.submit(ctx, w.anonymous[place], path, "sku", "tea")
		if err := refusal(err); err != nil {
			return "", fmt.Errorf("form for %s from before the login: %w", path, err)
		}
	}
	saw, err := see("/", productsPage, username, "coffee×1")(w, ctx)
	return "403 from both; " + saw, err
}

// forge sends forms as a page of another site could, even if it had come by a
// token, and forms of this site without a token. All are refused, and nothing has
// changed.
func (w *walk) forge(ctx context.Context) (string, error) {
	const field = "csrfmiddlewaretoken"
	good := w.page.hidden(field)
	if good == "" {
		return "", fmt.Errorf("%s has no form with a token", w.page.place)
	}
	forms := map[string]struct{ token, origin, site string }{
		"form of another site":    {good, "https://other.example", "cross-site"},
		"form without a token":    {"", w.base.Scheme + "://" + w.base.Host, "same-origin"},
		"form with a made-up one": {strings.Repeat("a", len(good)), w.base.Scheme + "://" + w.base.Host, "same-origin"},
	}
	for _, path := range []string{"/cart/add", "/login/", "/logout/", "/shop/cart/add/", "/shop/order/"} {
		for what, f := range forms {
			values := url.Values{field: {f.token}, "sku": {"tea"}, "username": {username}, "password": {password}}
			_, err := w.post(ctx, w.base.ResolveReference(&url.URL{Path: path}), values, f.origin, f.site)
			if err := refusal(err); err != nil {
				return "", fmt.Errorf("%s for %s: %w", what, path, err)
			}
		}
	}
	saw, err := see("/cart/", cartPage, username, "mug×1")(w, ctx)
	return "403 from both; " + saw, err
}

// refusal returns nil if err is a refusal with 403.
func refusal(err error) error {
	return answeredBy(err, http.StatusForbidden, goError, djangoError)
}

// answeredBy returns nil if err is this status on one of these error pages.
func answeredBy(err error, status int, places ...string) error {
	var answered *statusError
	switch {
	case err == nil:
		return errors.New("it was accepted")
	case !errors.As(err, &answered) || answered.status != status:
		return fmt.Errorf("not answered with %d: %w", status, err)
	case !slices.Contains(places, answered.place):
		return fmt.Errorf("not on %s: %w", strings.Join(places, " or "), err)
	}
	return nil
}

// findNothing opens pages that are not there, one of Go's and one of Django's.
func (w *walk) findNothing(ctx context.Context) (string, error) {
	for path, place := range map[string]string{"/cart/nothing": goError, "/nothing": djangoError} {
		_, err := w.open(ctx, path)
		if err := answeredBy(err, http.StatusNotFound, place); err != nil {
			return "", fmt.Errorf("%s: %w", path, err)
		}
	}
	return "404 from both, each with its own page", nil
}

// order sends a form that Go has rendered to Django.
func (w *walk) order(ctx context.Context) (string, error) {
	p, err := w.submit(ctx, w.page, "/shop/order/")
	return w.arrive(p, err, productsPage, username, "")
}

// logInByBadLink follows a link of somebody who wants the visitor elsewhere after
// the login, where a page could ask for the password again.
func (w *walk) logInByBadLink(ctx context.Context) (string, error) {
	p, err := w.open(ctx, "/login/?next=//other.example/")
	if err != nil {
		return "", err
	}
	p, err = w.submit(ctx, p, "/login/", "username", username, "password", password)
	return w.arrive(p, err, productsPage, username, "")
}

// changePassword goes from Go's account page to Django's form and back.
func (w *walk) changePassword(ctx context.Context) (string, error) {
	key := w.key("change")
	w.second.key("change")
	w.by = "Django"
	p, err := w.open(ctx, "/account/")
	if err != nil {
		return "", err
	}
	if p, err = w.follow(ctx, p, "/password/"); err != nil {
		return "", err
	}
	if err := p.shows(passwordPage, username, ""); err != nil {
		return "", err
	}
	p, err = w.submit(ctx, p, "/password/", "old_password", password, "new_password1", newPassword, "new_password2", newPassword)
	saw, err := w.arrive(p, err, accountPage, username, "")
	if err == nil && w.cookie(sessionCookie) == key {
		err = errors.New("the change of the password did not change the session's key")
	}
	return saw + ", under a new key", err
}

// findLoggedOut comes back after the password was changed elsewhere.
func (w *walk) findLoggedOut(ctx context.Context) (string, error) {
	saw, err := see("/cart/", cartPage, "", "")(w, ctx)
	if err == nil && w.cookie(sessionCookie) != "" {
		err = errors.New("the session cookie is still there")
	}
	return saw + ", the cookie is gone", err
}

// logInAgain sends the form that Django's page led to, and comes back there.
func (w *walk) logInAgain(ctx context.Context) (string, error) {
	p, err := w.submit(ctx, w.page, "/login/", "username", username, "password", newPassword)
	return w.arrive(p, err, passwordPage, username, "")
}

// logOut sends the form that every page has, Go's and Django's, to Go.
func (w *walk) logOut(ctx context.Context) (string, error) {
	w.key("logout")
	p, err := w.submit(ctx, w.page, "/logout/")
	saw, err := w.arrive(p, err, productsPage, "", "")
	if err == nil && w.cookie(sessionCookie) != "" {
		err = errors.New("the session cookie is still there")
	}
	return saw, err
}
