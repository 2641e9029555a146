package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// tryEndedKey opens pages as somebody who has the key of the session that ended.
func tryEndedKey(ctx context.Context, w *walk) (string, error) {
	var saw []string
	nothing := true
	for _, path := range []string{"/cart/", "/"} {
		thief := newBrowser(w.base, &http.Cookie{Name: sessionCookie, Value: w.ended, Path: "/"})
		p, err := thief.get(ctx, path)
		if err != nil {
			return "", err
		}
		saw = append(saw, p.String())
		nothing = nothing && strings.HasSuffix(p.String(), ": nobody logged in, cart empty")
	}
	if nothing {
		return "nothing, in Go and in Django", nil
	}
	return strings.Join(saw, "; "), nil
}

// refused returns an error unless the page is an error page with status 403.
func refused(p page, err error) error {
	if err == nil && !strings.HasSuffix(p.String(), "error page: 403") {
		return fmt.Errorf("it was not refused: %s", p)
	}
	return err
}

// sendEarlyForms sends forms of pages from before the login, one of Go's and one of
// Django's. Their tokens ended with it.
func sendEarlyForms(ctx context.Context, w *walk) (string, error) {
	for place, path := range map[string]string{"Go's cart": "/cart/add", "Django's products": "/shop/cart/add/"} {
		p, err := w.submit(ctx, w.anonymous[place], path, "sku", "tea")
		if err := refused(p, err); err != nil {
			return "", fmt.Errorf("form for %s from before the login: %w", path, err)
		}
	}
	saw, err := see("/")(ctx, w)
	return "403 from both; " + saw, err
}

// forge sends forms as a page of another site could, even if it had come by a
// token, and forms of this site without a token. All are refused, and nothing has
// changed.
func forge(ctx context.Context, w *walk) (string, error) {
	const field = "csrfmiddlewaretoken"
	good, here := w.page.forms[0].fields.Get(field), w.base.String()
	forms := map[string]struct{ token, origin, site string }{
		"form of another site":    {good, "https://other.example", "cross-site"},
		"form without a token":    {"", here, "same-origin"},
		"form with a made-up one": {strings.Repeat("a", len(good)), here, "same-origin"},
	}
	for _, path := range []string{"/cart/add", "/login/", "/logout/", "/shop/cart/add/", "/shop/order/"} {
		for what, f := range forms {
			values := url.Values{field: {f.token}, "sku": {"tea"}, "username": {username}, "password": {password}}
			p, err := w.post(ctx, path, values, f.origin, f.site)
			if err := refused(p, err); err != nil {
				return "", fmt.Errorf("%s for %s: %w", what, path, err)
			}
		}
	}
	saw, err := see("/cart/")(ctx, w)
	return "403 from both; " + saw, err
}
