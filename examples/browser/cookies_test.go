package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"

	"github.com/djsession/djsession/internal/testenv"
)

// testScriptsCannotReadTheSession: document.cookie has the CSRF token and not the session,
// whoever set the cookie.
func testScriptsCannotReadTheSession(t *testing.T, c chromium, s *shop) {
	for _, login := range []string{"/login/", "/shop/login/"} {
		b := c.private(t, s)
		b.open(login)
		b.logIn(password)
		b.open("/cart/")
		b.sees("go cart: demo")
		cookie := b.cookie("sessionid")
		if cookie == nil || !cookie.HTTPOnly || cookie.SameSite != network.CookieSameSiteLax {
			t.Fatalf("%s: no cookie, or without HttpOnly and SameSite=Lax", login)
		}
		if read := b.text("document.cookie"); !strings.HasPrefix(read, "csrftoken=") || strings.Contains(read, "sessionid") || strings.Contains(read, cookie.Value) {
			t.Errorf("%s: a script reads the session's cookie, or not the token's", login)
		}
		if strings.Contains(b.text("document.documentElement.outerHTML + JSON.stringify(sessionStorage)"), cookie.Value) {
			t.Errorf("%s: a script finds the session's key in the page", login)
		}
	}
}

// testAnotherSite has another site send a form: the browser keeps the session's cookie back,
// the shop answers 403, and nothing has changed. Its link leads to the shop as it is.
func testAnotherSite(t *testing.T, c chromium, s *shop) {
	b := c.private(t, s)
	b.open("/login/")
	b.logIn(password)
	b.add("Green tea")
	other := testenv.Serve(t, false, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<link rel="icon" href="data:,"><a href="%[1]s/cart/">To the shop</a>`, s.url)
		for _, path := range []string{"/cart/add", "/shop/cart/add/"} {
			fmt.Fprintf(w, `<form method="post" action="%s%s"><input name="sku" value="mug"><button id="%s">Win</button></form>`, s.url, path, strings.Split(path, "/")[1])
		}
	}))
	at := strings.Replace(other.URL, "127.0.0.1", "localhost", 1)
	for form, server := range map[string]string{"cart": "go", "shop": "django"} {
		b.open(at)
		b.forget()
		b.pressFor(http.StatusForbidden, "#"+form)
		b.refuses("sessionid", "SameSiteLax")
		b.sees(server + " error: nobody")
	}
	b.open(at)
	b.press("a")
	b.sees("go cart: demo, tea×1")
	b.forget()
}
