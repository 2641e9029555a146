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
	shop := httptest.NewServer(newFakeShop())
	defer shop.Close()
	var out bytes.Buffer
	if err := walkThrough(t.Context(), shop.URL, &out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	if got := strings.Count(out.String(), "  ok  "); got != len(steps) {
		t.Errorf("%d steps were printed, of %d", got, len(steps))
	}
}

// Every fault must be found, at the first step that can.
func TestWalkFindsFaults(t *testing.T) {
	for fault, want := range map[string]string{
		"greets every visitor with a session": "open the cart for the first time",
		"fails in go":                         "add coffee in Go, not logged in",
		"loses the cart at login":             "log in at Django and come back to Go",
		"keeps the key at login":              "log in at Django and come back to Go",
		"is blind in go":                      "log in at Django and come back to Go",
		"fails in django":                     "log in at Django and come back to Go",
		"is blind in django":                  "see the login and the cart in Django",
		"keeps the old key valid":             "try the key from before the login",
		"loses an add in go":                  "add tea in Go",
		"loses an add in django":              "add a mug in Django",
		"reorders":                            "add more coffee in Django",
		"does not remove in go":               "remove the coffee in Go",
		"does not remove in django":           "remove the tea in Django",
		"accepts forged forms in go":          "send forms from another site",
		"accepts forged forms in django":      "send forms from another site",
		"does nothing at logout":              "log out at Django",
		"keeps the session at logout":         "try the key from before the logout",
	} {
		t.Run(fault, func(t *testing.T) {
			shop := httptest.NewServer(newFakeShop(fault))
			defer shop.Close()
			var out bytes.Buffer
			err := walkThrough(t.Context(), shop.URL, &out)
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
	if err := walkThrough(t.Context(), shop.URL, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "step 1") {
		t.Errorf("nobody there: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := walkThrough(ctx, shop.URL, &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}
