package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestEverythingElseGoesToDjango(t *testing.T) {
	var seen *http.Request
	var body []byte
	shop := newTestShop(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r
		body, _ = io.ReadAll(r.Body)
		w.Header().Add("Set-Cookie", "sessionid=anewkeythatdjangohaschosen; HttpOnly; Path=/")
		w.Header().Add("Set-Cookie", "csrftoken=secret; Path=/")
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprint(w, "from Django")
	})
	key := shop.session("cart", Cart{{"mug", 1}})
	got := shop.do("POST", "/password/?next=/cart/", key, url.Values{"username": {"ada"}},
		"Origin", "https://other.example", "X-Forwarded-For", "192.0.2.1", "X-Forwarded-Host", "other.example")

	if got.StatusCode != http.StatusTeapot || got.body != "from Django" {
		t.Errorf("status %d, body %q", got.StatusCode, got.body)
	}
	if cookies := got.Header["Set-Cookie"]; len(cookies) != 2 || !strings.HasPrefix(cookies[0], "sessionid=anewkey") {
		t.Errorf("%d cookies came through, want Django's two as they are", len(cookies))
	}
	host := strings.TrimPrefix(shop.URL, "http://")
	if seen.Method != "POST" || seen.URL.String() != "/password/?next=/cart/" || string(body) != "username=ada" {
		t.Errorf("Django got %s %s %q", seen.Method, seen.URL, body)
	}
	if seen.Host != host {
		t.Errorf("Django got Host %q, want the visitor's %q", seen.Host, host)
	}
	if c, err := seen.Cookie("sessionid"); err != nil || c.Value != key {
		t.Error("Django did not get the session cookie")
	}
	if o := seen.Header.Get("Origin"); o != "https://other.example" {
		t.Errorf("Django got Origin %q, and cannot judge the form", o)
	}
	for name, want := range map[string]string{"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": host, "X-Forwarded-Proto": "http"} {
		if got := seen.Header.Get(name); got != want {
			t.Errorf("Django got %s %q, want %q and nothing that the visitor made up", name, got, want)
		}
	}
}

func TestWhoServesWhat(t *testing.T) {
	shop := newTestShop(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Server", "Django") })
	for _, test := range []struct {
		path   string
		server string
		status int
	}{
		{"/", "Django", 200},
		{"/admin/", "Django", 200},
		{"/password/", "Django", 200},
		{"/shop/cart/", "Django", 200},
		{"/cartography/", "Django", 200},
		{"/admin/login/", "Django", 200},
		{"/favicon.ico", "", http.StatusNoContent},
		{"/cart/", "", 200},
		{"/cart", "", http.StatusTemporaryRedirect},
		{"/cart/nothing", "", http.StatusNotFound},
		{"/login/", "", 200},
		{"/login/nothing", "", http.StatusNotFound},
		{"/logout/", "", http.StatusMethodNotAllowed},
		{"/account/", "", http.StatusFound},
	} {
		got := shop.do("GET", test.path, "", nil)
		if got.Header.Get("X-Server") != test.server || got.StatusCode != test.status {
			t.Errorf("%s: status %d from %q, want %d from %q", test.path, got.StatusCode, got.Header.Get("X-Server"), test.status, test.server)
		}
	}
}

func TestDjangoDown(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	target, err := url.Parse(closed.URL)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	newProxy(target).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusBadGateway || !bytes.Contains(w.Body.Bytes(), []byte("does not answer")) {
		t.Errorf("status %d, body %q; want 502 that says so", w.Code, w.Body)
	}
}
