package main

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestWalkThroughAGoodShop(t *testing.T) {
	for _, engine := range []string{"db", "cache", signedCookies} {
		t.Run(engine, func(t *testing.T) {
			good := newFakeShop()
			good.cookies = engine == signedCookies
			shop := httptest.NewServer(good)
			defer shop.Close()
			var out bytes.Buffer
			if err := walkThrough(t.Context(), shop.URL, engine, &out); err != nil {
				t.Fatalf("%v\n%s", err, &out)
			}
			if got := strings.Count(out.String(), "  ok  "); got != len(steps) {
				t.Errorf("%d steps were printed, of %d", got, len(steps))
			}
		})
	}
}

// A shop that keeps its sessions elsewhere than it says is not good, either.
func TestWalkThroughAnotherEngine(t *testing.T) {
	for engine, want := range map[string]string{"db": "try the key from before the login", signedCookies: "try the key from before the login"} {
		other := newFakeShop()
		other.cookies = engine != signedCookies
		shop := httptest.NewServer(other)
		defer shop.Close()
		if err := walkThrough(t.Context(), shop.URL, engine, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), ", "+want+": ") {
			t.Errorf("%s: error %v, want one in step %q", engine, err, want)
		}
	}
}

// Every fault must be found, at the first step that can.
func TestWalkFindsFaults(t *testing.T) {
	for fault, want := range map[string]string{
		"greets every visitor with a session":       "open the cart for the first time",
		"fails in go":                               "add coffee in Go, not logged in",
		"shows /account/ to anybody":                "ask Go for the account",
		"takes any password":                        "log in with a wrong password",
		"says nothing of a wrong password":          "log in with a wrong password",
		"keeps the key at login":                    "log in, and be led to the account",
		"is blind in go account":                    "log in, and be led to the account",
		"loses the cart at login":                   "see the login and the cart in Django",
		"is blind in django products":               "see it in Django",
		"is blind in django admin":                  "see the login in Django's admin",
		"keeps the old key valid at login":          "try the key from before the login",
		"keeps the token at login":                  "send forms from before the login",
		"asks for no token in go":                   "send forms from before the login",
		"asks for no token in django":               "send forms from before the login",
		"loses an add in go":                        "add tea in Go",
		"loses an add in django":                    "add a mug in Django",
		"fails in django":                           "add a mug in Django",
		"has no error page in go":                   "send forms from before the login",
		"has no error page in django":               "send forms from before the login",
		"forgets who wrote it in go":                "add coffee in Go, not logged in",
		"forgets who wrote it in django":            "add a mug in Django",
		"reorders":                                  "add more coffee in Django",
		"does not remove in go":                     "remove the coffee in Go",
		"does not remove in django":                 "remove the tea in Django",
		"takes forms of other sites in go":          "send forged forms",
		"takes forms of other sites in django":      "send forged forms",
		"loses the order":                           "order by Go's form, which goes to Django",
		"leads away":                                "2nd browser: log in, and be led to the products",
		"keeps the key at a new password":           "change the password in Django",
		"ends every login at a new password":        "change the password in Django",
		"keeps the old key valid at a new password": "try the key from before the change",
		"keeps other logins at a new password":      "2nd browser: see nobody in Go",
		"keeps the cart of a login that ended":      "2nd browser: see nobody in Go",
		"forgets the new password":                  "2nd browser: see nobody in Go",
		"shows /password/ to anybody":               "2nd browser: ask for Django's password page",
		"does nothing at logout in django":          "log out by Django's form, which goes to Go",
		"shows /admin/ to anybody":                  "ask for Django's admin",
		"keeps sessions that ended":                 "try the key from before the logout",
		"does nothing at logout in go":              "2nd browser: log out by Go's form",
	} {
		t.Run(fault, func(t *testing.T) {
			shop := httptest.NewServer(newFakeShop(fault))
			defer shop.Close()
			var out bytes.Buffer
			err := walkThrough(t.Context(), shop.URL, "db", &out)
			if err == nil || !strings.Contains(err.Error(), ", "+want+": ") {
				t.Errorf("error %v, want one in step %q", err, want)
			}
			if !strings.HasSuffix(out.String(), "  FAILED  "+want+"\n") {
				t.Errorf("the last line printed is not that step's failure:\n%s", &out)
			}
		})
	}
}

func TestWalkWithoutAShop(t *testing.T) {
	shop := httptest.NewServer(nil)
	shop.Close()
	if err := walkThrough(t.Context(), shop.URL, "db", &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "step 1") {
		t.Errorf("nobody there: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := walkThrough(ctx, shop.URL, "db", &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}
