package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestShop runs the checks that change neither the shop nor the browser, with one of each.
func TestShop(t *testing.T) {
	t.Parallel()
	s, c := openShop(t), startChromium(t, profile(t))
	for name, test := range map[string]func(*testing.T, chromium, *shop){
		"TwoTabs":                     testTwoTabs,
		"ScriptsCannotReadTheSession": testScriptsCannotReadTheSession,
		"AnotherSite":                 testAnotherSite,
		"Pictures":                    testPictures,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, c, s)
		})
	}
}

// TestWalk visits the shop as a person does who has it open in a private window, too.
func TestWalk(t *testing.T) {
	t.Parallel()
	s, c := openShop(t), startChromium(t, profile(t))
	b := c.tab(t, s)
	b.open("/")
	b.sees("django products: nobody")
	b.add("Coffee beans")
	b.sees("django products: nobody, coffee×1")
	anonymous := b.session()

	// Log in at Django's form, fill the cart at Go.
	b.open("/shop/login/?next=/cart/")
	b.sees("django login: nobody")
	b.logIn(password + "!")
	b.sees("django login: nobody")
	b.do(chromedp.Clear(chromedp.CSS(`input[name="username"]`)))
	b.logIn(password)
	b.sees("go cart: demo, coffee×1")
	if key := b.session(); key == "" || key == anonymous {
		t.Error("the login did not change the key")
	}
	b.add("Green tea")
	b.add("Coffee beans")
	b.sees("go cart: demo, coffee×2 tea×1")
	b.agree()
	b.open("/")
	b.sees("django products: demo, coffee×2 tea×1")

	// Order: Go's form, Django's message, once.
	b.open("/cart/")
	b.press(".order button")
	b.sees("django products: demo")
	b.shows("Thank you, demo: your order for € 24.20 is on its way.")
	b.open("/")
	b.wait(`!document.querySelector("[role=status]")`)
	b.add("Paper filters")

	// A private window with a login of its own, at Go's form.
	other := c.private(t, s)
	other.open("/account/")
	other.sees("go login: nobody")
	other.logIn(password)
	other.sees("go account: demo")
	other.open("/cart/")
	other.add("Blossom honey")
	other.sees("go cart: demo, honey×1")
	other.wait(`document.querySelector(".session").dataset.live > 0 && document.querySelector(".stale").hidden`)

	// A new password keeps this login and ends the other, which its panel tells.
	b.open("/account/")
	b.press(`a[href="/password/"]`)
	b.sees("django password: demo")
	const changed = "another-secret-8"
	before := b.session()
	b.fill("old_password", password, "new_password1", changed, "new_password2", changed)
	b.press("main form button")
	b.sees("go account: demo")
	b.shows("Your password is changed.") // a message of Django's, in Go
	if key := b.session(); key == "" || key == before {
		t.Error("the new password did not change the key")
	}
	b.open("/cart/")
	b.sees("go cart: demo, filters×1")
	other.wait(`document.querySelector(".key").textContent == "none yet" && !document.querySelector(".stale").hidden`)
	other.press(".stale a")
	other.sees("go cart: nobody")
	if other.session() != "" {
		t.Error("the session that ended left its cookie")
	}
	other.open("/")
	other.sees("django products: nobody")
	other.open("/login/")
	other.logIn(password)
	other.sees("go login: nobody")
	if alert := other.text(`document.querySelector("[role=alert]").textContent`); !strings.Contains(alert, "wrong") {
		t.Errorf("the old password: %q", alert)
	}

	// Log out by the form on Django's page, which goes to Go.
	b.open("/")
	b.sees("django products: demo, filters×1")
	b.press(".who button")
	b.sees("django products: nobody")
	b.shows("You are logged out.") // a message of Go's, in Django
	if b.session() != "" {
		t.Error("the logout left its cookie")
	}
	b.open("/cart/")
	b.sees("go cart: nobody")
}

// shows checks the message on the page.
func (b *tab) shows(want string) {
	b.t.Helper()
	if got := b.text(`document.querySelector("[role=status]")?.textContent ?? ""`); got != want {
		b.t.Errorf("the message is %q, want %q", got, want)
	}
}

// panels are the session as Go's page, Django's page and the running panel show it.
const panels = `(async () => {
	const page = async (path) => new DOMParser().parseFromString(await (await fetch(path)).text(), "text/html");
	const shown = (document) => [".key", ".by", ".session pre"].map((part) => document.querySelector(part).innerText).join("\n");
	return [shown(await page("/cart/")), shown(await page("/")), shown(document)];
})()`

// agree checks that both servers' pages show the session as the running panel does.
func (b *tab) agree() {
	b.t.Helper()
	b.wait(`document.querySelector(".session").dataset.live > 0`)
	shown, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](panels, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	if shown[0] != shown[1] || shown[0] != shown[2] || !strings.Contains(shown[0], `"cart"`) {
		b.t.Errorf("Go's page shows %s\nDjango's %s\nthe running panel %s", shown[0], shown[1], shown[2])
	}
}
