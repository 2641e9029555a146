package compat

import (
	"maps"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// engineLogins: a login, what it stores and its end on either side hold on the other.
func engineLogins(t *testing.T, c *engineCell) {
	own := *c.cell
	own.sessions = c.sessions
	site := newLoginSiteOn(t, &own, djangosUser, loginSettings{django: maps.Clone(c.settings)}, c.opened)
	user := c.name("ann")
	ask[any](t, site, "create_like_users", testenv.Args{"usernames": []string{user}, "password": "secret"})
	sides := map[string]func(*testing.T, []visit) []visited{"Django": site.atDjango, "Go": site.atGo}
	for first, here := range sides {
		for second, there := range sides {
			if first == second {
				continue
			}
			t.Run("at "+first, func(t *testing.T) {
				pay := func(side func(*testing.T, []visit) []visited, key string, want any, steps ...step) string {
					t.Helper()
					answer := side(t, []visit{{SessionKey: key, Steps: steps}})[0]
					if got := answer.Results[0]; got != want {
						t.Errorf("%v gives %v, want %v", steps[0], got, want)
					}
					return answer.SessionKey
				}
				key := pay(here, "", nil, step{"set", "cart", "3"})
				before := key
				key = pay(here, key, true, step{"log in", user, "secret"})
				if key == before {
					t.Error("the login kept the key")
				}
				key = pay(there, key, user, step{"who"}, step{"set", "more", "4"})
				key = pay(here, key, "4", step{"get", "more"})
				key = pay(there, key, "3", step{"get", "cart"})
				stolen := key
				key = pay(there, key, nil, step{"log out"})
				pay(here, key, nil, step{"who"})
				if !c.inCookie() {
					pay(here, stolen, nil, step{"who"})
					pay(there, stolen, nil, step{"who"})
				}
			})
		}
	}
}
