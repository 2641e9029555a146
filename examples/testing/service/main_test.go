package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/djangotest"
)

func TestCart(t *testing.T) {
	site := djangotest.New(t)
	client := site.Client(handler(site.Sessions, site.Logins))
	client.ForceLogin(t, site.NewUser(t, "ann", ""))

	res, err := client.Post("http://testserver/cart/tea", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		t.Error(res.Status)
	}
	cart, err := django.Value(client.Session(t), "cart", map[string]int{})
	if err != nil || cart["tea"] != 1 {
		t.Error(cart, err)
	}

	site.Clock.Advance(15 * 24 * time.Hour) // SESSION_COOKIE_AGE is 14 days
	res, err = client.Post("http://testserver/cart/tea", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusUnauthorized {
		t.Error(res.Status)
	}
}

func TestCartWithDjango(t *testing.T) {
	site := djangotest.Manage(t, "../site/manage.py",
		djangotest.WithEnv("DJANGO_SETTINGS_MODULE=shop.settings_test"), djangotest.WithMigrate())
	service, err := open(site.Settings(t))
	if err != nil {
		t.Fatal(err)
	}
	site.NewUser(t, "ann", "", nil)
	key := site.Login(t, "ann")

	r := httptest.NewRequest("POST", "/cart/tea", nil)
	r.AddCookie(site.Cookie(key))
	service.ServeHTTP(httptest.NewRecorder(), r)

	site.RequireDjangoSees(t, key, "cart", map[string]int{"tea": 1})
}

func TestCartWithNewDjango(t *testing.T) {
	site := djangotest.Site(t, djangotest.WithSettings("SESSION_COOKIE_AGE = 60"))
	service, err := open(site.Settings(t))
	if err != nil {
		t.Fatal(err)
	}
	key := site.Login(t, "ann") // a user that every Site has

	r := httptest.NewRequest("POST", "/cart/tea", nil)
	r.AddCookie(site.Cookie(key))
	service.ServeHTTP(httptest.NewRecorder(), r)

	site.RequireDjangoSees(t, key, "cart", map[string]int{"tea": 1})
	if age := site.Session(t, key).ExpiryAge; age != time.Minute {
		t.Error(age)
	}
}

func TestDecoder(t *testing.T) {
	for _, version := range []string{"4.2", "5.2"} {
		for _, golden := range djangotest.Golden(t, version) {
			codec, err := django.NewCodec(golden.Settings, nil) // or a decoder of your own
			if err != nil {
				t.Fatal(err)
			}
			got, err := codec.Payload(t.Context(), golden.Data)
			if err != nil || string(got) != golden.JSON {
				t.Errorf("Django %s, %s: %v", version, golden.Name, err)
			}
		}
	}
}
