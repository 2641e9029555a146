package browser

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is a tab of a browser, with what its console reported.
type tab struct {
	t    *testing.T
	shop *shop
	ctx  context.Context

	mu      sync.Mutex
	errors  []string
	refused []string   // cookies that the browser did not send, such as "name: reason"
	told    *sync.Cond // something was refused
}

// watch opens the tab of a context. At the end of the test its console must be clean.
func watch(t *testing.T, s *shop, ctx context.Context) *tab {
	t.Helper()
	b := &tab{t: t, shop: s, ctx: ctx}
	b.told = sync.NewCond(&b.mu)
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, e := range b.errors {
			t.Errorf("the console says: %s", e)
		}
	})
	return b
}

func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if thrown := e.ExceptionDetails.Exception; thrown != nil {
			text += " " + thrown.Description
		}
		b.errors = append(b.errors, text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "assert" {
			for _, argument := range e.Args {
				b.errors = append(b.errors, string(argument.Value)+argument.Description)
			}
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			b.errors = append(b.errors, e.Entry.Text+" "+e.Entry.URL)
		}
	case *network.EventRequestWillBeSentExtraInfo:
		for _, c := range e.AssociatedCookies {
			for _, reason := range c.BlockedReasons {
				b.refused = append(b.refused, c.Cookie.Name+": "+string(reason))
				b.told.Broadcast()
			}
		}
	}
}

// forget has the tab forget what it reported up to now.
func (b *tab) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.errors, b.refused = nil, nil
}

// refuses returns once the browser has reported that it did not send a cookie, for a reason
// with this end. The report may come after the page.
func (b *tab) refuses(name, reason string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.told.Broadcast()
	})()
	for !slices.ContainsFunc(b.refused, func(why string) bool {
		return strings.HasPrefix(why, name+": ") && strings.HasSuffix(why, reason)
	}) {
		if ctx.Err() != nil {
			b.t.Fatalf("the browser does not keep the cookie %s back, only %q", name, b.refused)
		}
		b.told.Wait()
	}
}

// do runs what returns nothing.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// open opens a page of the shop, by its path, or another one by its URL.
func (b *tab) open(at string) {
	b.t.Helper()
	if at[0] == '/' {
		at = b.shop.url + at
	}
	res, err := chromedp.Run(b.ctx, chromedp.NavigateResponse(at))
	b.arrived(http.StatusOK, res, err)
}

// press clicks what leads to another page, and returns when that has loaded.
func (b *tab) press(selector string) {
	b.t.Helper()
	b.pressFor(http.StatusOK, selector)
}

// pressFor is press for a page with a status.
func (b *tab) pressFor(status int, selector string) {
	b.t.Helper()
	res, err := chromedp.RunResponse(b.ctx, chromedp.Click(chromedp.CSS(selector)))
	b.arrived(status, res, err)
}

func (b *tab) arrived(status int, res *network.Response, err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	if got := int(res.Status); got != status {
		b.t.Fatalf("%s: status %d, want %d", res.URL, got, status)
	}
}

// fill types into the fields of a form, by their names.
func (b *tab) fill(namesAndTexts ...string) {
	b.t.Helper()
	for i := 0; i < len(namesAndTexts); i += 2 {
		b.do(chromedp.SendKeys(chromedp.CSS(fmt.Sprintf("main input[name=%q]", namesAndTexts[i])), namesAndTexts[i+1]))
	}
}

// logIn fills in and sends the form that the tab shows.
func (b *tab) logIn(password string) {
	b.t.Helper()
	b.fill("username", username, "password", password)
	b.press("main form button")
}

// text returns the value of an expression in the page.
func (b *tab) text(expression string) string {
	b.t.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](expression))
	if err != nil {
		b.t.Fatal(err)
	}
	return text
}

// wait returns once an expression in the page is true.
func (b *tab) wait(expression string) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(patience)))
	if err != nil {
		b.t.Fatalf("waiting for %s: %v", expression, err)
	}
}

// seen tells what a page shows, as the walk of examples/cart does.
const seen = `(() => {
	const { server, page } = document.body.dataset;
	const user = document.querySelector("[data-user]")?.dataset.user ?? "nobody";
	const cart = [...document.querySelectorAll("[data-sku]")].map((line) => line.dataset.sku + "×" + line.dataset.quantity);
	return server + " " + page + ": " + user + (cart.length ? ", " + cart.join(" ") : "");
})()`

// sees checks what the page shows.
func (b *tab) sees(want string) {
	b.t.Helper()
	if got := b.text(seen); got != want {
		b.t.Fatalf("the page shows %q, want %q", got, want)
	}
}

// add puts a product into the cart, on either server's page.
func (b *tab) add(product string) {
	b.t.Helper()
	b.press(fmt.Sprintf("button[aria-label=%q]", "Add "+product))
}

// cookie returns a cookie that the browser would send to the shop; nil if it has none.
func (b *tab) cookie(name string) *network.Cookie {
	b.t.Helper()
	cookies, err := chromedp.Call(b.ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{b.shop.url}})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range cookies.Cookies {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// session returns the session's key; empty if there is no cookie.
func (b *tab) session() string {
	b.t.Helper()
	return cmp.Or(b.cookie("sessionid"), new(network.Cookie)).Value
}
