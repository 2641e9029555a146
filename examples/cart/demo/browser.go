package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// browser visits the shop as a visitor's would: it keeps cookies, follows
// redirects within the shop, sends the forms that are on the page with their hidden
// fields, and says where a form comes from.
type browser struct {
	base   *url.URL
	client *http.Client
}

func newBrowser(base *url.URL) *browser {
	jar, _ := cookiejar.New(nil) // without options it cannot fail
	b := &browser{base: base, client: &http.Client{Jar: jar, Timeout: 30 * time.Second}}
	b.client.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		switch {
		case r.URL.Scheme != base.Scheme || r.URL.Host != base.Host:
			return fmt.Errorf("the visitor is led away, to %s", r.URL.Host)
		case len(via) >= 10:
			return errors.New("the visitor is led in a circle")
		}
		return nil
	}
	return b
}

// cookie returns the value of a cookie, empty if there is none.
func (b *browser) cookie(name string) string {
	for _, c := range b.client.Jar.Cookies(b.base) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// withCookie returns another visitor's browser that has come by a cookie.
func (b *browser) withCookie(name, value string) *browser {
	other := newBrowser(b.base)
	other.client.Jar.SetCookies(b.base, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
	return other
}

// open asks for a page of the shop, by its path and query.
func (b *browser) open(ctx context.Context, reference string) (page, error) {
	target, err := b.base.Parse(reference)
	if err != nil {
		return page{}, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return page{}, err
	}
	return b.do(r)
}

// follow opens the link on a page that leads to path.
func (b *browser) follow(ctx context.Context, p page, path string) (page, error) {
	for _, href := range p.links {
		target, err := p.url.Parse(href)
		if err != nil || target.Path != path {
			continue
		}
		return b.open(ctx, target.RequestURI())
	}
	return page{}, fmt.Errorf("%s has no link to %s", p.url.Path, path)
}

// submit sends the form on a page that posts to path and has these fields, as
// hidden ones with just these values or as fields to fill in.
func (b *browser) submit(ctx context.Context, p page, path string, fields ...string) (page, error) {
	for _, f := range p.forms {
		target, err := p.url.Parse(f.action)
		if err != nil || target.Path != path {
			continue
		}
		if values, ok := f.fill(fields); ok {
			return b.post(ctx, target, values, p.url.Scheme+"://"+p.url.Host, "same-origin")
		}
	}
	return page{}, fmt.Errorf("%s has no form for %s with %s", p.url.Path, path, strings.Join(fields[:min(2, len(fields))], " "))
}

// post sends a form. origin and site are what a browser says of the page that
// it is on.
func (b *browser) post(ctx context.Context, target *url.URL, values url.Values, origin, site string) (page, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), strings.NewReader(values.Encode()))
	if err != nil {
		return page{}, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", origin)
	r.Header.Set("Sec-Fetch-Site", site)
	return b.do(r)
}

// statusError is an answer other than 200.
type statusError struct {
	status       int
	method, path string
	place        string // whose error page it is; empty if it is none of the shop's
}

func (e *statusError) Error() string {
	return fmt.Sprintf("%s %s was answered %d %s", e.method, e.path, e.status, http.StatusText(e.status))
}

func (b *browser) do(r *http.Request) (page, error) {
	res, err := b.client.Do(r)
	if err != nil {
		return page{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return page{}, err
	}
	p := readPage(res.Request.URL, string(body))
	if res.StatusCode != http.StatusOK {
		return page{}, &statusError{res.StatusCode, res.Request.Method, res.Request.URL.Path, p.place}
	}
	return p, nil
}

// page is what a visitor sees, and can do next.
type page struct {
	url   *url.URL
	place string // one of those below; empty for none of the shop's
	user  string // empty if nobody is logged in
	cart  string // such as "coffee×2 mug×1"
	by    string // who wrote the session last; empty if there is none
	alert string // what went wrong
	links []string
	forms []form
}

// The places of the shop. Only the products and the cart show what is in the cart.
const (
	productsPage = "Django's products"
	passwordPage = "Django's password page"
	adminPage    = "Django's admin"
	cartPage     = "Go's cart"
	loginPage    = "Go's login page"
	accountPage  = "Go's account page"
	djangoError  = "Django's error page"
	goError      = "Go's error page"
)

// places are found by what the shop's pages say of themselves.
var places = map[string]string{
	"django products": productsPage,
	"django password": passwordPage,
	"go cart":         cartPage,
	"go login":        loginPage,
	"go account":      accountPage,
	"django error":    djangoError,
	"go error":        goError,
}

type form struct {
	action string
	hidden url.Values
	empty  map[string]bool // the fields to fill in
}

// The pages mark what is to be found on them; for that, no HTML parser is needed.
// The admin's markup is Django's own.
var (
	placeMark = regexp.MustCompile(`<body data-server="([^"]*)" data-page="([^"]*)"`)
	userMark  = regexp.MustCompile(` data-user="([^"]*)"`)
	adminMark = regexp.MustCompile(`(?s)<div id="user-tools">.*?<strong>([^<]*)</strong>`)
	lineMark  = regexp.MustCompile(` data-sku="([^"]*)" data-quantity="([^"]*)"`)
	byMark    = regexp.MustCompile(`<span class="by" data-by="([^"]*)"`)
	alertMark = regexp.MustCompile(` role="alert">([^<]*)<`)
	linkMark  = regexp.MustCompile(`<a [^>]*href="([^"]*)"`)
	formMark  = regexp.MustCompile(`(?s)<form ([^>]*)>(.*?)</form>`)
	inputMark = regexp.MustCompile(`<input ([^>]*)>`)
	attribute = regexp.MustCompile(`([a-z]+)="([^"]*)"`)
)

func readPage(at *url.URL, text string) page {
	p := page{url: at, user: find(userMark, text), alert: find(alertMark, text), by: find(byMark, text)}
	if m := placeMark.FindStringSubmatch(text); m != nil {
		p.place = places[m[1]+" "+m[2]]
	} else if p.user = find(adminMark, text); p.user != "" {
		p.place = adminPage
	}
	var lines []string
	for _, m := range lineMark.FindAllStringSubmatch(text, -1) {
		lines = append(lines, html.UnescapeString(m[1])+"×"+m[2])
	}
	p.cart = strings.Join(lines, " ")
	for _, m := range linkMark.FindAllStringSubmatch(text, -1) {
		p.links = append(p.links, html.UnescapeString(m[1]))
	}
	for _, m := range formMark.FindAllStringSubmatch(text, -1) {
		if a := attributes(m[1]); a["method"] == "post" {
			p.forms = append(p.forms, readForm(a["action"], m[2]))
		}
	}
	return p
}

// find returns what the mark's group matches first; empty if nothing does.
func find(mark *regexp.Regexp, text string) string {
	if m := mark.FindStringSubmatch(text); m != nil {
		return html.UnescapeString(m[1])
	}
	return ""
}

func attributes(tag string) map[string]string {
	a := map[string]string{}
	for _, m := range attribute.FindAllStringSubmatch(tag, -1) {
		a[m[1]] = html.UnescapeString(m[2])
	}
	return a
}

func readForm(action, text string) form {
	f := form{action: action, hidden: url.Values{}, empty: map[string]bool{}}
	for _, input := range inputMark.FindAllStringSubmatch(text, -1) {
		if a := attributes(input[1]); a["type"] == "hidden" {
			f.hidden.Add(a["name"], a["value"])
		} else {
			f.empty[a["name"]] = true
		}
	}
	return f
}

// hidden returns the value of a hidden field, which all forms of a page share.
func (p page) hidden(name string) string {
	for _, f := range p.forms {
		if value := f.hidden.Get(name); value != "" {
			return value
		}
	}
	return ""
}

// fill returns the form's values with the fields filled in, and whether this is
// the form for them.
func (f form) fill(fields []string) (url.Values, bool) {
	values := url.Values{}
	for name, v := range f.hidden {
		values[name] = v
	}
	for i := 0; i+1 < len(fields); i += 2 {
		name, value := fields[i], fields[i+1]
		if f.hidden.Get(name) != value && !f.empty[name] {
			return nil, false
		}
		values.Set(name, value)
	}
	return values, true
}

func (p page) String() string {
	text := describe(p.place, p.user, p.cart)
	if p.cart != "" {
		text += ", written by " + cmp.Or(p.by, "nobody")
	}
	return text
}

func describe(place, user, cart string) string {
	if place == "" {
		return "a page that is not the shop's"
	}
	text := place + ": " + cmp.Or(user, "nobody") + " logged in"
	if place == cartPage || place == productsPage {
		text += ", cart " + cmp.Or(cart, "empty")
	}
	return text
}

// shows returns an error unless the page is this one and shows this user and this
// cart.
func (p page) shows(place, user, cart string) error {
	if p.place == place && p.user == user && p.cart == cart {
		return nil
	}
	return fmt.Errorf("expected %s; saw %s", describe(place, user, cart), p)
}
