package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Every form of Go's pages carries a token, and is taken with it.
func TestFormsOfThisSite(t *testing.T) {
	for _, path := range []string{"/cart/", "/login/", "/account/"} {
		shop := newTestShop(t, nil)
		key := shop.ada()
		page := shop.do("GET", path, key, nil)
		forms, tokens := strings.Count(page.body, "<form "), strings.Count(page.body, `name="csrfmiddlewaretoken"`)
		if forms == 0 || forms != tokens {
			t.Errorf("%s: %d forms, %d tokens", path, forms, tokens)
		}
		cookie, token := page.cookie("csrftoken"), page.field("csrfmiddlewaretoken")
		if cookie == nil {
			t.Fatalf("%s: no CSRF cookie", path)
		}
		if !strings.Contains(page.Header.Get("Vary"), "Cookie") {
			t.Errorf("%s: Vary %q", path, page.Header.Get("Vary"))
		}
		form := url.Values{"sku": {"tea"}, "csrfmiddlewaretoken": {token}}
		for _, header := range [][]string{{"Origin", shop.URL}, {}} {
			header = append(header, "Cookie", "csrftoken="+cookie.Value)
			if got := shop.do("POST", "/cart/add", key, form, header...); got.StatusCode != http.StatusSeeOther {
				t.Errorf("%s: status %d, want 303", path, got.StatusCode)
			}
		}
	}
}

// Forged forms are refused by each of Go's paths, and change nothing.
func TestForgedForms(t *testing.T) {
	shop := newTestShop(t, nil)
	key := shop.ada()
	before := shop.stored(key)
	for _, path := range []string{"/cart/add", "/cart/remove", "/login/", "/logout/"} {
		for name, forged := range map[string]struct{ token, query, cookie, origin string }{
			"another site":         {secret, "", secret, "https://other.example"},
			"a page of no site":    {secret, "", secret, "null"},
			"no token":             {"", "", secret, shop.URL},
			"another token":        {strings.Repeat("x", 32), "", secret, shop.URL},
			"no cookie":            {secret, "", "", shop.URL},
			"the token in the URL": {"", "?csrfmiddlewaretoken=" + secret, secret, shop.URL},
		} {
			form := credentials("root", password)
			form.Set("sku", "mug")
			if forged.token != "" {
				form.Set("csrfmiddlewaretoken", forged.token)
			}
			got := shop.do("POST", path+forged.query, key, form, "Cookie", "csrftoken="+forged.cookie, "Origin", forged.origin)
			if got.StatusCode != http.StatusForbidden || got.cookie("sessionid") != nil {
				t.Errorf("%s, %s: status %d, want 403", path, name, got.StatusCode)
			}
			if shop.stored(key) != before {
				t.Fatalf("%s, %s: the session was changed", path, name)
			}
		}
	}
}
