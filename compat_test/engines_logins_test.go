package compat

import (
	"maps"
	"reflect"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// engineLogins: a login counts on both sides, and so do a new password and a logout. A copy of a
// signed cookie outlives the logout, but not the new password.
func engineLogins(t *testing.T, c *engineCell) {
	own := *c.cell
	own.sessions = c.sessions
	site := newLoginSite(t, &own, djangosUser, loginSettings{django: maps.Clone(c.settings), engine: c.opened})
	for _, first := range []bool{true, false} {
		user := map[bool]string{true: "ann", false: "bob"}[first] + " of " + c.engine.name
		ask[any](t, site, "create_like_users", testenv.Args{"usernames": []string{user}, "password": "secret"})
		loginElsewhere(t, site, user, first)
	}
}

// loginElsewhere has a user log in at one side, and do the rest at both.
func loginElsewhere(t *testing.T, site *loginSite, user string, atDjangoFirst bool) {
	at, other := site.atDjango, site.atGo
	if !atDjangoFirst {
		at, other = other, at
	}
	key := ""
	visit := func(at func(*testing.T, []visit) []visited, steps []step, want ...any) {
		t.Helper()
		v := at(t, []visit{{key, steps}})[0]
		if key = v.SessionKey; !reflect.DeepEqual(v.Results, want) {
			t.Errorf("%v: %v, want %v", steps, v.Results, want)
		}
	}
	who := []step{{"who"}}
	visit(at, []step{{"set", "cart", "shoes"}}, nil)
	anonymous := key
	visit(at, []step{{"log in", user, "secret"}}, true)
	if key == anonymous {
		t.Error("the login kept the key")
	}
	visit(other, []step{{"who"}, {"get", "cart"}}, user, "shoes")
	first := key
	visit(other, []step{{"change own password", "another"}}, nil)
	visit(at, who, user)
	current := key
	for range 2 { // for both sides, with the password changed
		key = first
		visit(at, who, nil)
		at, other = other, at
	}
	key = current
	visit(other, []step{{"log out"}, {"who"}}, nil, nil)
	if key != "" {
		t.Error("the logout left the browser a cookie")
	}
	want := any(nil)
	if site.sessions.Store().Capabilities().ChoosesKeys {
		want = user
	}
	for range 2 {
		key = current
		visit(at, who, want)
		at, other = other, at
	}
}
