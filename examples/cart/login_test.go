package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/hashers"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/internal/testenv"
)

func credentials(name, password string) url.Values {
	return url.Values{"username": {name}, "password": {password}}
}

func TestLoginPage(t *testing.T) {
	shop := newTestShop(t, nil)
	for query, want := range map[string]string{
		"":                             "/",
		"?next=/account/":              "/account/",
		"?next=/cart/%3Fa=%22%3Cb%3E":  `/cart/?a="<b>`,
		"?next=//other.example/":       "/",
		"?next=https://other.example/": "/",
		"?next=/%5Cother.example/":     "/",
		"?next=javascript:alert(1)":    "/",
	} {
		got := shop.do("GET", "/login/"+query, "", nil)
		if next := got.field("next"); got.StatusCode != http.StatusOK || next != want {
			t.Errorf("%s: status %d, next %q, want %q", query, got.StatusCode, next, want)
		}
		if strings.Contains(got.body, "<b>") {
			t.Errorf("%s: next got into the page as markup", query)
		}
		if cache := got.Header.Get("Cache-Control"); cache != "no-store" {
			t.Errorf("Cache-Control: %q", cache)
		}
		if got.cookie("sessionid") != nil {
			t.Error("looking at the form made a session")
		}
		if c := got.cookie("csrftoken"); c == nil || len(got.field("csrfmiddlewaretoken")) != 64 {
			t.Error("the form has no token")
		}
	}
	if got := shop.do("GET", "/login/", shop.ada(), nil); got.StatusCode != http.StatusOK || got.field("next") != "/" {
		t.Errorf("who is logged in gets status %d, and no form", got.StatusCode)
	}
}

func TestLogin(t *testing.T) {
	shop := newTestShop(t, nil)
	for name, test := range map[string]struct {
		username string
		key      string // before
		next     string
		cart     string // afterwards
		location string
	}{
		"from nowhere":                 {"ada", "", "", "", "/"},
		"with an anonymous cart":       {"ada", shop.session("cart", Cart{{"tea", 2}}), "/account/", "tea×2", "/account/"},
		"over another user's session":  {"ada", shop.login("108", testenv.MD5Hash(password), "cart", Cart{{"tea", 2}}), "/cart/", "", "/cart/"},
		"name as it may be typed":      {" ａｄａ\t", "", "", "", "/"},
		"to another site":              {"ada", "", "//other.example/", "", "/"},
		"to another site, absolute":    {"ada", "", "https://other.example/", "", "/"},
		"to another site, backslashes": {"ada", "", `/\other.example/`, "", "/"},
		"to another site, after dots":  {"ada", "", "/.//other.example/", "", "/.//other.example/"}, // to a browser, a path of this one
	} {
		t.Run(name, func(t *testing.T) {
			form := credentials(test.username, password)
			form.Set("next", test.next)
			got := shop.post("/login/", test.key, form)
			if got.StatusCode != http.StatusFound || got.Header.Get("Location") != test.location {
				t.Fatalf("status %d, Location %q", got.StatusCode, got.Header.Get("Location"))
			}
			c := got.cookie("sessionid")
			if c == nil || c.Value == test.key || !c.HttpOnly {
				t.Fatal("no new session cookie, or one that scripts can read")
			}
			if test.key != "" && shop.exists(test.key) {
				t.Error("the session's old key is still good")
			}
			page := shop.do("GET", "/cart/", c.Value, nil)
			if !strings.Contains(page.body, `data-user="ada"`) || page.cart() != test.cart {
				t.Errorf("the cart is %q, or ada is not logged in", page.cart())
			}
			// Its token is another one, so that the old one is worth nothing.
			if c := got.cookie("csrftoken"); c == nil || c.Value == secret {
				t.Error("the CSRF secret is the one from before")
			}
		})
	}
	var lastLogin string
	if err := shop.db.Get(&lastLogin, "SELECT last_login FROM auth_user WHERE id = 107"); err != nil || lastLogin == "" {
		t.Errorf("last_login %q, %v", lastLogin, err)
	}
}

// What is wrong is not said, and nothing changes.
func TestLoginThatFails(t *testing.T) {
	shop := newTestShop(t, nil)
	key := shop.session("cart", Cart{{"tea", 2}})
	before := shop.stored(key)
	for name, form := range map[string]url.Values{
		"wrong password": credentials("ada", password+"!"),
		"no password":    credentials("ada", ""),
		"unknown user":   credentials("zoe", password),
		"another case":   credentials("ADA", password),
		"inactive":       credentials("gone", password),
		"nothing":        {},
		"NUL":            credentials("ada\x00", password+"\x00"),
		"invalid UTF-8":  credentials("ada\xff", "\xff"),
	} {
		t.Run(name, func(t *testing.T) {
			form.Set("next", "/cart/")
			got := shop.post("/login/", key, form)
			if got.StatusCode != http.StatusOK || !strings.Contains(got.body, `role="alert">The user name or the password is wrong.<`) {
				t.Errorf("status %d, without the message", got.StatusCode)
			}
			if got.field("next") != "/cart/" || !strings.Contains(got.body, "Not logged in") || strings.Contains(got.body, password) {
				t.Error("the form lacks next, or shows a user or the password")
			}
			if got.cookie("sessionid") != nil || shop.stored(key) != before {
				t.Error("the session was changed")
			}
		})
	}
	got := shop.post("/login/", "", credentials(`"><b>`, "x"))
	if strings.Contains(got.body, "<b>") || !strings.Contains(got.body, `value="&#34;&gt;&lt;b&gt;"`) {
		t.Error("the name that was typed is not in the form, or is there as markup")
	}
}

// busyUsers have their passwords checked while as many hashes run and wait as may.
type busyUsers struct{ auth.Users }

func (busyUsers) ByUsername(context.Context, string) (auth.User, error) {
	return auth.User{}, fmt.Errorf("checking the password: %w", hashers.ErrBusy)
}

// A login whose password cannot be checked now is answered 503, and not that it is wrong.
func TestLoginWhenBusy(t *testing.T) {
	shop := newTestShop(t, nil, func(s *service, db *sqlx.DB) {
		table, err := usertable.Open(db, s.sessions)
		if err == nil {
			s.logins, err = auth.New(s.sessions, busyUsers{table})
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	got := shop.post("/login/", "", credentials("ada", password))
	if got.StatusCode != http.StatusServiceUnavailable || got.cookie("sessionid") != nil || strings.Contains(got.body, "wrong") {
		t.Errorf("status %d, want 503", got.StatusCode)
	}
}

func TestLogout(t *testing.T) {
	shop := newTestShop(t, nil)
	key, other := shop.ada(), shop.ada()
	got := shop.post("/logout/", key, nil)
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/" {
		t.Errorf("status %d, Location %q; want 303 to /", got.StatusCode, got.Header.Get("Location"))
	}
	if c := got.cookie("sessionid"); c == nil || c.MaxAge >= 0 {
		t.Error("the session cookie was not deleted")
	}
	if shop.exists(key) || !shop.exists(other) {
		t.Error("the session is still there, or another one of this user has gone")
	}
	if got := shop.post("/logout/", "", nil); got.StatusCode != http.StatusSeeOther {
		t.Errorf("who is not logged in gets status %d", got.StatusCode)
	}
}

func TestAccount(t *testing.T) {
	shop := newTestShop(t, nil)
	good := testenv.MD5Hash(password)
	for name, test := range map[string]struct {
		key  string
		want []string // on the page; none is a redirect
	}{
		"nobody":                 {"", nil},
		"anonymous cart":         {shop.session("cart", Cart{{"mug", 1}}), nil},
		"inactive":               {shop.login("109", good), nil},
		"password changed since": {shop.login("107", testenv.MD5Hash("before")), nil},
		"staff":                  {shop.ada(), []string{"<dd>ada</dd>", "<dd>yes: ", "<code>auth.view_user</code>", time.Now().UTC().Format("2 January 2006")}},
		"no staff":               {shop.login("108", good), []string{"<dd>&lt;b&gt;eve&lt;/b&gt;</dd>", "<dd>no</dd>", "<dd>none</dd>"}},
		"superuser":              {shop.login("110", good), []string{"<dd>root</dd>", "<dd>yes: ", "<dd>all</dd>"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := shop.do("GET", "/account/", test.key, nil)
			if test.want == nil {
				if got.StatusCode != http.StatusFound || got.Header.Get("Location") != "/login/?next=/account/" {
					t.Errorf("status %d, Location %q; want 302 to the login", got.StatusCode, got.Header.Get("Location"))
				}
				return
			}
			if got.StatusCode != http.StatusOK || got.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("status %d, Cache-Control %q", got.StatusCode, got.Header.Get("Cache-Control"))
			}
			for _, want := range test.want {
				if !strings.Contains(got.body, want) {
					t.Errorf("the page lacks %s", want)
				}
			}
		})
	}
}
