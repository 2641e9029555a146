package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// What goes wrong on Go's side is shown as a page of the shop.
func TestErrorPages(t *testing.T) {
	shop := newTestShop(t, nil)
	key := shop.ada()
	for name, test := range map[string]struct {
		got    answer
		status int
		text   string
	}{
		"no such page":    {shop.do("GET", "/cart/nothing", key, nil), http.StatusNotFound, "There is no such page"},
		"no such product": {shop.post("/cart/add", key, sku("yacht")), http.StatusNotFound, "There is no such page"},
		"forged":          {shop.do("POST", "/cart/add", key, url.Values{"sku": {"tea"}}), http.StatusForbidden, "This form was not accepted"},
		"wrong method":    {shop.do("GET", "/cart/add", key, nil), http.StatusMethodNotAllowed, "Method Not Allowed"},
	} {
		if test.got.StatusCode != test.status || !strings.Contains(test.got.body, "<h1>"+test.text+"</h1>") {
			t.Errorf("%s: status %d, without the heading %q", name, test.got.StatusCode, test.text)
		}
		if kind := test.got.Header.Get("Content-Type"); kind != "text/html; charset=utf-8" || !strings.Contains(test.got.body, `data-page="error"`) {
			t.Errorf("%s: not a page of the shop, but %s", name, kind)
		}
		if strings.Contains(test.got.body, "ogged in") {
			t.Errorf("%s: the page says who is logged in, which it has not asked", name)
		}
	}
	shop.db.Close()
	if got := shop.do("GET", "/cart/", key, nil); got.StatusCode != http.StatusServiceUnavailable || !strings.Contains(got.body, "<h1>Service Unavailable</h1>") {
		t.Errorf("database down: status %d %s", got.StatusCode, got.body)
	}
}
