package compat

import (
	"reflect"
	"testing"

	"github.com/djsession/djsession/cookiestore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/filestore"
	"github.com/djsession/djsession/internal/testenv"
)

// TestLoginsElsewhere: a login in a file or a signed cookie counts on both sides, and so do a
// new password and a logout. A copy of a signed cookie outlives the logout, but not the new
// password.
func TestLoginsElsewhere(t *testing.T) {
	for _, version := range testenv.Djangos(t) {
		if !full && isInner(t, version) {
			continue
		}
		t.Run(version.Name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c := newCell(t, version, testenv.SQLite(t), map[string]any{"SESSION_FILE_PATH": dir}, nil)
			prepareUsers(t, c)
			for name, engine := range map[string]django.Engine{django.EngineFile: filestore.New(dir), django.EngineSignedCookies: cookiestore.New()} {
				t.Run(name, func(t *testing.T) {
					site := newLoginSite(t, c, djangosUser, loginSettings{
						django: map[string]any{"SESSION_ENGINE": name},
						change: func(s *django.Settings) { s.SessionEngine = name },
						engine: engine,
					})
					for _, first := range []bool{true, false} {
						user := map[bool]string{true: "ann", false: "bob"}[first] + name
						testenv.Tell(t, c.worker, "create_like_users", testenv.Args{"settings": site.settings, "usernames": []string{user}, "password": "secret"})
						loginElsewhere(t, site, user, first)
					}
				})
			}
		})
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
