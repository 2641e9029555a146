package djsession

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// readmeBrowser keeps cookies by host, whatever the port, as browsers do.
type readmeBrowser struct {
	t      *testing.T
	client *http.Client
}

func newReadmeBrowser(t *testing.T) *readmeBrowser {
	jar, _ := cookiejar.New(nil) // without options it cannot fail
	return &readmeBrowser{t, &http.Client{Jar: jar, Timeout: time.Minute}}
}

// open returns a page's text.
func (b *readmeBrowser) open(page string) string {
	b.t.Helper()
	res, err := b.client.Get(page)
	return b.read(res, err)
}

func (b *readmeBrowser) read(res *http.Response, err error) string {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		b.t.Fatalf("%s: %s, %v\n%s", res.Request.URL, res.Status, err, text)
	}
	return string(text)
}

var formToken = regexp.MustCompile(`name="csrfmiddlewaretoken" value="([^"]*)"`)

// post sends a form with the token of the page that it is on.
func (b *readmeBrowser) post(target, page string, form url.Values) string {
	b.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	if token := formToken.FindStringSubmatch(page); token != nil {
		form.Set("csrfmiddlewaretoken", token[1])
	} else { // a page without a form: the cookie holds one
		at, err := url.Parse(target)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, c := range b.client.Jar.Cookies(at) {
			if c.Name == "csrftoken" {
				form.Set("csrfmiddlewaretoken", c.Value)
			}
		}
	}
	res, err := b.client.PostForm(target, form)
	return b.read(res, err)
}

func (b *readmeBrowser) logIn(django, username string) {
	b.t.Helper()
	login := django + "/admin/login/?next=/admin/"
	page := b.post(login, b.open(login), url.Values{"username": {username}, "password": {"open sesame"}})
	if !strings.Contains(page, "<strong>"+username+"</strong>") {
		b.t.Fatalf("Django does not log in:\n%s", page)
	}
}

func (b *readmeBrowser) sees(page, want string) {
	b.t.Helper()
	if got := b.open(page); got != want {
		b.t.Errorf("%s shows %q, want %q", page, got, want)
	}
}
