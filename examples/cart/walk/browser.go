package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"
)

const sessionCookie = "sessionid"

// browser visits the shop as a visitor's would: it keeps cookies, follows redirects
// within the shop, and says where a form comes from.
type browser struct {
	base   *url.URL
	client *http.Client
}

func newBrowser(base *url.URL, cookies ...*http.Cookie) *browser {
	jar, _ := cookiejar.New(nil) // without options it cannot fail
	jar.SetCookies(base, cookies)
	return &browser{base, &http.Client{Jar: jar, Timeout: 30 * time.Second, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Scheme != base.Scheme || r.URL.Host != base.Host {
			return fmt.Errorf("the visitor is led away, to %s", r.URL.Host)
		}
		return nil
	}}}
}

// key returns the session's key, empty if there is no session cookie.
func (b *browser) key() string {
	for _, c := range b.client.Jar.Cookies(b.base) {
		if c.Name == sessionCookie {
			return c.Value
		}
	}
	return ""
}

// get opens a page of the shop, by its path and query.
func (b *browser) get(ctx context.Context, path string) (page, error) {
	return b.do(ctx, http.MethodGet, path, "", nil)
}

// post sends a form. origin and site are what a browser says of the page that it is on.
func (b *browser) post(ctx context.Context, path string, values url.Values, origin, site string) (page, error) {
	return b.do(ctx, http.MethodPost, path, values.Encode(), http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {origin}, "Sec-Fetch-Site": {site},
	})
}

func (b *browser) do(ctx context.Context, method, path, body string, header http.Header) (page, error) {
	target, err := b.base.Parse(path)
	if err != nil {
		return page{}, err
	}
	r, err := http.NewRequestWithContext(ctx, method, target.String(), strings.NewReader(body))
	if err != nil {
		return page{}, err
	}
	maps.Copy(r.Header, header)
	res, err := b.client.Do(r)
	if err != nil {
		return page{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return readPage(res, string(text)), err
}
