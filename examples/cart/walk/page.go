package main

import (
	"cmp"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// page is what a visitor sees, and can do next.
type page struct {
	status int
	place  string   // such as "Go's cart"; empty for none of the shop's
	user   string   // empty if nobody is logged in
	cart   []string // such as "coffee×2"
	by     string   // who wrote the session last; empty if there is none
	alert  string   // what went wrong
	links  []string
	forms  []form
}

// form is a form to post, with its fields: those to fill in are empty.
type form struct {
	action string
	fields url.Values
}

// The pages mark what is to be found on them; for that, no HTML parser is needed.
// The admin's markup is Django's own.
var (
	tag       = regexp.MustCompile(`<(\w+) ([^>]*)>([^<]*)`)
	attribute = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
	adminUser = regexp.MustCompile(`(?s)<div id="user-tools">.*?<strong>([^<]*)</strong>`)
)

func readPage(res *http.Response, text string) page {
	p := page{status: res.StatusCode}
	if m := adminUser.FindStringSubmatch(text); m != nil {
		p.place, p.user = "Django's admin", html.UnescapeString(m[1])
	}
	for _, m := range tag.FindAllStringSubmatch(text, -1) {
		a := map[string]string{}
		for _, pair := range attribute.FindAllStringSubmatch(m[2], -1) {
			a[pair[1]] = html.UnescapeString(pair[2])
		}
		p.user, p.by = cmp.Or(p.user, a["data-user"]), cmp.Or(p.by, a["data-by"])
		if a["role"] == "alert" {
			p.alert = html.UnescapeString(m[3])
		}
		if sku := a["data-sku"]; sku != "" {
			p.cart = append(p.cart, sku+"×"+a["data-quantity"])
		}
		switch {
		case m[1] == "body" && a["data-server"] != "":
			p.place = placeOf(a["data-server"], a["data-page"])
		case m[1] == "a":
			p.links = append(p.links, a["href"])
		case m[1] == "form" && a["method"] == "post":
			p.forms = append(p.forms, form{a["action"], url.Values{}})
		case m[1] == "input" && len(p.forms) > 0:
			p.forms[len(p.forms)-1].fields.Add(a["name"], a["value"])
		}
	}
	return p
}

// placeOf names a page, as "Go's cart" or "Django's error page".
func placeOf(server, name string) string {
	server = map[string]string{"go": "Go's ", "django": "Django's "}[server]
	if name == "cart" || name == "products" {
		return server + name
	}
	return server + name + " page"
}

// fill returns the form's values with the fields filled in, and whether this is
// the form for them.
func (f form) fill(fields []string) (url.Values, bool) {
	values := maps.Clone(f.fields)
	for pair := range slices.Chunk(fields, 2) {
		if given := values.Get(pair[0]); !values.Has(pair[0]) || given != "" && given != pair[1] {
			return nil, false
		}
		values.Set(pair[0], pair[1])
	}
	return values, true
}

func (p page) String() string {
	text := cmp.Or(p.place, "a page that is not the shop's")
	if p.status != http.StatusOK {
		return fmt.Sprintf("%s: %d", text, p.status)
	}
	text += ": " + cmp.Or(p.user, "nobody") + " logged in"
	if p.place == "Go's cart" || p.place == "Django's products" {
		text += ", cart " + cmp.Or(strings.Join(p.cart, " "), "empty")
	}
	if len(p.cart) > 0 {
		text += ", written by " + cmp.Or(p.by, "nobody")
	}
	if p.alert != "" {
		text += ", “" + p.alert + "”"
	}
	return text
}
