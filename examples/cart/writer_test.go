package main

import (
	"html"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// The panel shows the row as it is stored, but for the key and the password's hash.
func TestSessionPanel(t *testing.T) {
	shop := newTestShop(t, nil)
	if got := shop.do("GET", "/cart/", "", nil); !strings.Contains(got.body, ">none yet</code>") || strings.Contains(got.body, `<span class="by"`) {
		t.Error("a visitor without a session sees one")
	}
	key := shop.login("107", testenv.MD5Hash(password), "cart", Cart{{"mug", 1}}, "<b>", "<i>", "written_by", "Django")
	page := html.UnescapeString(shop.do("GET", "/cart/", key, nil).body)
	for _, want := range []string{
		"written last by Django", "\n  \"cart\": [{\"sku\":\"mug\",\"quantity\":1}],\n", "\n  \"<b>\": \"<i>\",\n", "\n  \"_auth_user_id\": \"107\",\n", "…\"",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	session, err := shop.sessions.Load(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	hash, _ := session.Get("_auth_user_hash")
	if strings.Contains(page, key) || strings.Contains(page, strings.Trim(string(hash.Bytes()), `"`)) {
		t.Error("the page shows the whole key or hash")
	}
	shop.post("/cart/remove", key, sku("mug"))
	if page := shop.do("GET", "/cart/", key, nil); !strings.Contains(page.body, `<span class="by" data-by="Go">`) {
		t.Error("the page does not say that Go wrote it last")
	}
}

// Who logs in through Go has a session that Go wrote, and who removes what is not
// there has none.
func TestWhoWroteTheSession(t *testing.T) {
	shop := newTestShop(t, nil)
	if c := shop.post("/cart/remove", "", sku("mug")).cookie("sessionid"); c != nil {
		t.Error("removing nothing made a session")
	}
	c := shop.post("/login/", "", credentials("ada", password)).cookie("sessionid")
	if c == nil || !strings.HasSuffix(shop.stored(c.Value), `,"written_by":"Go"}`) {
		t.Error("the login does not say that Go wrote it")
	}
}
