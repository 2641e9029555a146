package main

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

func sku(s string) url.Values { return url.Values{"sku": {s}} }

func TestFirstVisit(t *testing.T) {
	shop := newTestShop(t, nil)
	got := shop.do("GET", "/cart/", "", nil)
	if got.StatusCode != http.StatusOK || got.cart() != "" {
		t.Errorf("status %d, cart %q", got.StatusCode, got.cart())
	}
	if !strings.Contains(got.body, "Not logged in") {
		t.Error("the page does not say that nobody is logged in")
	}
	if c := got.cookie("sessionid"); c != nil {
		t.Error("looking at an empty cart made a session")
	}
	if vary := got.Header.Get("Vary"); vary != "Cookie" {
		t.Errorf("Vary: %q, want Cookie", vary)
	}
}

func TestAddMakesASession(t *testing.T) {
	shop := newTestShop(t, nil)
	got := shop.post("/cart/add", "", sku("tea"))
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/cart/" {
		t.Errorf("status %d, Location %q; want 303 to /cart/", got.StatusCode, got.Header.Get("Location"))
	}
	c := got.cookie("sessionid")
	if c == nil {
		t.Fatal("no session cookie")
	}
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" {
		t.Errorf("cookie lacks Django's attributes: HttpOnly %v, SameSite %v, Path %q", c.HttpOnly, c.SameSite, c.Path)
	}
	if got, want := shop.stored(c.Value), `{"cart":[{"sku":"tea","quantity":1}],"written_by":"Go"}`; got != want {
		t.Errorf("stored %s, want %s", got, want)
	}
	if got := shop.do("GET", "/cart/", c.Value, nil).cart(); got != "tea×1" {
		t.Errorf("the page shows %q, want tea×1", got)
	}
}

func TestChangeLeavesTheRestAlone(t *testing.T) {
	full := Cart{{"mug", 1}, {"tea", most}, {"no longer sold", 3}}
	for _, test := range []struct {
		name, path, sku string
		before          any
		want            string // the session afterwards, between its other keys
	}{
		{"add a new line at the end", "/cart/add", "coffee", Cart{{"tea", 2}}, `"cart":[{"sku":"tea","quantity":2},{"sku":"coffee","quantity":1}],`},
		{"add to a line where it is", "/cart/add", "mug", Cart{{"mug", 1}, {"tea", 2}}, `"cart":[{"sku":"mug","quantity":2},{"sku":"tea","quantity":2}],`},
		{"add no more than fit", "/cart/add", "tea", full, `"cart":[{"sku":"mug","quantity":1},{"sku":"tea","quantity":99},{"sku":"no longer sold","quantity":3}],`},
		{"remove a line", "/cart/remove", "tea", full, `"cart":[{"sku":"mug","quantity":1},{"sku":"no longer sold","quantity":3}],`},
		{"remove what is no longer sold", "/cart/remove", "no longer sold", full, `"cart":[{"sku":"mug","quantity":1},{"sku":"tea","quantity":99}],`},
		{"remove what is not there", "/cart/remove", "coffee", Cart{{"mug", 1}}, `"cart":[{"sku":"mug","quantity":1}],`},
		{"remove the last line", "/cart/remove", "tea", Cart{{"tea", 2}}, ``},
		{"remove from None", "/cart/remove", "tea", nil, ``},
	} {
		t.Run(test.name, func(t *testing.T) {
			shop := newTestShop(t, nil)
			key := shop.session("wishes", "7", "cart", test.before, "seen", 1.0)
			got := shop.post(test.path, key, sku(test.sku))
			if got.StatusCode != http.StatusSeeOther {
				t.Fatalf("status %d, want 303", got.StatusCode)
			}
			if got, want := shop.stored(key), `{"wishes":"7",`+test.want+`"seen":1.0,"written_by":"Go"}`; got != want {
				t.Errorf("stored %s, want %s", got, want)
			}
		})
	}
}

// TestAddsAtOnce: of clicks in the same moment each counts.
func TestAddsAtOnce(t *testing.T) {
	shop := newTestShop(t, nil)
	key := shop.session("wishes", "7")
	var clicks sync.WaitGroup
	for range 20 {
		clicks.Go(func() {
			if got := shop.post("/cart/add", key, sku("tea")); got.StatusCode != http.StatusSeeOther {
				t.Errorf("status %d, want 303", got.StatusCode)
			}
		})
	}
	clicks.Wait()
	if got, want := shop.stored(key), `{"wishes":"7","cart":[{"sku":"tea","quantity":20}],"written_by":"Go"}`; got != want {
		t.Errorf("stored %s, want %s", got, want)
	}
}

func TestRefusedChangesChangeNothing(t *testing.T) {
	for _, test := range []struct {
		name, path string
		form       url.Values
		want       int
	}{
		{"unknown product", "/cart/add", sku("yacht"), http.StatusNotFound},
		{"no product", "/cart/add", nil, http.StatusNotFound},
		{"product in the query", "/cart/add?sku=tea", nil, http.StatusNotFound},
		{"endless body", "/cart/add", url.Values{"pad": {strings.Repeat(" ", 64<<10)}, "sku": {"tea"}}, http.StatusForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			shop := newTestShop(t, nil)
			key := shop.session("cart", Cart{{"mug", 1}})
			before := shop.stored(key)
			if got := shop.post(test.path, key, test.form); got.StatusCode != test.want {
				t.Errorf("status %d, want %d", got.StatusCode, test.want)
			}
			if got := shop.stored(key); got != before {
				t.Errorf("the session became %s", got)
			}
		})
	}
}

func TestGetChangesNothing(t *testing.T) {
	shop := newTestShop(t, nil)
	key := shop.ada()
	for _, path := range []string{"/cart/add?sku=tea", "/cart/remove?sku=mug", "/logout/"} {
		if got := shop.do("GET", path, key, nil); got.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s: status %d, want 405", path, got.StatusCode)
		}
	}
	if got := shop.do("GET", "/cart/", key, nil).cart(); got != "mug×1" {
		t.Errorf("the cart became %q", got)
	}
}

func TestWhoIsLoggedIn(t *testing.T) {
	good := testenv.MD5Hash(password)
	for _, test := range []struct {
		name    string
		key     func(*testShop) string
		want    string // on the page
		cart    string
		flushed bool
	}{
		{"active", (*testShop).ada, `data-user="ada"`, "mug×1", false},
		{"name is escaped", func(s *testShop) string { return s.login("108", good) }, `data-user="&lt;b&gt;eve&lt;/b&gt;"`, "", false},
		{"inactive", func(s *testShop) string { return s.login("109", good, "cart", Cart{{"mug", 1}}) }, "Not logged in", "mug×1", false},
		{"nobody", func(s *testShop) string { return s.session("cart", Cart{{"mug", 1}}) }, "Not logged in", "mug×1", false},
		{"None", func(s *testShop) string { return s.session("_auth_user_id", nil) }, "Not logged in", "", false},
		{"password changed since", func(s *testShop) string { return s.login("107", testenv.MD5Hash("before"), "cart", Cart{{"mug", 1}}) }, "Not logged in", "", true},
		{"id without a hash", func(s *testShop) string {
			return s.session("cart", Cart{{"mug", 1}}, "_auth_user_id", "107", "_auth_user_backend", "django.contrib.auth.backends.ModelBackend")
		}, "Not logged in", "", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			shop := newTestShop(t, nil)
			key := test.key(shop)
			got := shop.do("GET", "/cart/", key, nil)
			if got.StatusCode != http.StatusOK || !strings.Contains(got.body, test.want) || got.cart() != test.cart {
				t.Errorf("status %d, cart %q; the page lacks %s", got.StatusCode, got.cart(), test.want)
			}
			if strings.Contains(got.body, "<b>") {
				t.Error("the name got into the page as markup")
			}
			if shop.exists(key) == test.flushed {
				t.Errorf("the session is there: %t", !test.flushed)
			}
		})
	}
}

func TestSessionThatIsGone(t *testing.T) {
	shop := newTestShop(t, nil)
	key := shop.ada()
	if err := shop.sessions.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	got := shop.do("GET", "/cart/", key, nil)
	if !strings.Contains(got.body, "Not logged in") || got.cart() != "" {
		t.Error("a deleted session is still on the page")
	}
	if c := got.cookie("sessionid"); c == nil || c.MaxAge >= 0 {
		t.Error("the cookie of a deleted session was not deleted")
	}
	added := shop.post("/cart/add", key, sku("tea"))
	if c := added.cookie("sessionid"); c == nil || c.Value == key {
		t.Error("a deleted session came back under its old key")
	}
	if _, err := shop.sessions.Load(t.Context(), key); !errors.Is(err, django.ErrNotFound) {
		t.Errorf("the old key: %v, want ErrNotFound", err)
	}
}

func TestProductNoLongerSold(t *testing.T) {
	shop := newTestShop(t, nil)
	got := shop.do("GET", "/cart/", shop.session("cart", Cart{{"<i>old</i>", 2}, {"tea", 2}}), nil)
	if got.cart() != "&lt;i&gt;old&lt;/i&gt;×2 tea×2" || strings.Contains(got.body, "<i>") {
		t.Errorf("the page shows %q", got.cart())
	}
	if !strings.Contains(got.body, "€ 12.80</span></p>") {
		t.Error("the total is not that of two teas")
	}
}

func TestCartOfAnotherShape(t *testing.T) {
	shop := newTestShop(t, nil)
	key := shop.session("cart", map[string]int{"tea": 1})
	before := shop.stored(key)
	for _, got := range []answer{shop.do("GET", "/cart/", key, nil), shop.post("/cart/add", key, sku("tea"))} {
		if got.StatusCode != http.StatusInternalServerError {
			t.Errorf("%s: status %d, want 500", got.Request.Method, got.StatusCode)
		}
	}
	if got := shop.stored(key); got != before {
		t.Errorf("the session became %s", got)
	}
}

func TestDatabaseDown(t *testing.T) {
	shop := newTestShop(t, nil)
	key := shop.ada()
	shop.db.Close()
	for name, got := range map[string]answer{
		"cart":                 shop.do("GET", "/cart/", key, nil),
		"add":                  shop.post("/cart/add", key, sku("tea")),
		"account":              shop.do("GET", "/account/", key, nil),
		"login page":           shop.do("GET", "/login/", key, nil),
		"login":                shop.post("/login/", key, credentials("ada", password)),
		"login, no session":    shop.post("/login/", "", credentials("ada", password)),
		"logout":               shop.post("/logout/", key, nil),
		"unknown user's login": shop.post("/login/", "", credentials("zoe", password)),
	} {
		if got.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%s: status %d, want 503", name, got.StatusCode)
		}
		if got.cookie("sessionid") != nil || strings.Contains(got.body, "Not logged in") || strings.Contains(got.body, "wrong") {
			t.Errorf("%s: a database that is down looks like a visitor without a session", name)
		}
	}
}
