package browser

import (
	"strings"
	"testing"
)

// TestExpireAtBrowserClose quits the browser and starts it again with the same profile:
// with SESSION_EXPIRE_AT_BROWSER_CLOSE the logins are gone, without it they are there, both
// the one that Go made and the one that Django made.
func TestExpireAtBrowserClose(t *testing.T) {
	for setting, after := range map[string]string{"True": "nobody", "False": "demo"} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, "SHOP_EXPIRE_AT_BROWSER_CLOSE="+setting)
			// To a browser, another host is another site, with cookies of its own.
			local := &shop{strings.Replace(s.url, "127.0.0.1", "localhost", 1)}
			logins := map[string]*shop{"/login/": s, "/shop/login/": local}

			dir := profile(t)
			c := startChromium(t, dir)
			b := c.tab(t, s)
			for login, s := range logins {
				b.shop = s
				b.open(login)
				b.logIn(password)
				b.sees("django products: demo")
				if ends := b.cookie("sessionid").Session; ends != (setting == "True") {
					t.Errorf("%s: the cookie ends with the browser: %t", login, ends)
				}
			}
			c.quit(t)
			b = startChromium(t, dir).tab(t, s)
			for login, s := range logins {
				t.Logf("the login at %s, in a new browser", login)
				b.shop = s
				if b.cookie("csrftoken") == nil {
					t.Fatal("the browser kept nothing")
				}
				if kept := b.session() != ""; kept != (setting == "False") {
					t.Errorf("the browser kept the session's cookie: %t", kept)
				}
				b.open("/")
				b.sees("django products: " + after)
				b.open("/cart/")
				b.sees("go cart: " + after)
			}
		})
	}
}
