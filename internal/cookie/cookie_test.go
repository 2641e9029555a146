package cookie

import (
	"net/http"
	"testing"
	"time"
)

// Django 2.2 to 6.1 write these headers: an empty path or None has no attribute, and SameSite is
// written as the setting is.
func TestAttributesAreSentAsTheyAreSet(t *testing.T) {
	for _, c := range []struct {
		name, path, sameSite string
		set, deleted         string
	}{
		{"shop:sessionid", "", "lax", "; SameSite=lax", "; SameSite=lax"},
		{"sessionid", "", "NONE", "; SameSite=NONE", "; SameSite=NONE; Secure"},
		{"sessionid", "", "", "", ""},
		{"sessionid", "/a", "STRICT", "; Path=/a; SameSite=STRICT", "; Path=/a; SameSite=STRICT"},
	} {
		cookie := Cookie{Name: c.name, Value: "key", Path: c.path, SameSite: c.sameSite, HTTPOnly: true, Age: 100}
		if attribute, problem := cookie.Problem(); attribute != "" {
			t.Errorf("%+v: %s %s", cookie, attribute, problem)
		}
		for want, send := range map[string]func(http.Header){
			c.name + "=key; expires=Tue, 14 Nov 2023 22:15:00 GMT; HttpOnly; Max-Age=100" + c.set: func(h http.Header) { cookie.Add(h, time.Unix(1700000000, 0)) },
			c.name + `=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0` + c.deleted:          cookie.Delete,
		} {
			h := http.Header{}
			if send(h); h.Get("Set-Cookie") != want {
				t.Errorf("%s, want %s", h.Get("Set-Cookie"), want)
			}
			if !Sets(h, c.name) {
				t.Errorf("%s is not seen to set %s", h.Get("Set-Cookie"), c.name)
			}
		}
		if value, ok := Get(http.Header{"Cookie": {"a=1; " + c.name + "=key"}}, c.name); !ok || value != "key" {
			t.Errorf("%s is read as %q, %v", c.name, value, ok)
		}
	}
}
