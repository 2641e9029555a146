package compat

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/internal/testenv"
)

// permissions: HasPerm, called by a view, and Permissions return what has_perm and
// get_all_permissions do.
func permissions(t *testing.T, c *cell, model userModel) {
	model.use(t, c)
	s := newLoginSite(t, c, model, loginSettings{}, atStoppedTime())
	groups := map[string][]string{
		model.name + " editors": {"auth.add_user", "auth.change_user", "accounts.view_member"},
		model.name + " sellers": {"accounts.change_account", "auth.change_user"},
		model.name + " nobody":  {},
	}
	ask[any](t, s, "create_groups", testenv.Args{"groups": groups})
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range groups {
			if !yield(name) {
				return
			}
		}
	})
	users := []map[string]any{
		{"username": "none"},
		{"username": "own", "permissions": []string{"sessions.delete_session", "accounts.add_account"}},
		{"username": "group", "groups": names[:1]},
		{"username": "groups", "groups": names},
		{"username": "both", "groups": names[:2], "permissions": []string{"auth.add_user", "auth.view_group"}},
		{"username": "superuser", "is_superuser": true},
		{"username": "superuser with more", "is_superuser": true, "permissions": []string{"auth.view_group"}, "groups": names},
		{"username": "inactive", "is_active": false, "groups": names, "permissions": []string{"auth.view_group"}},
		{"username": "inactive superuser", "is_active": false, "is_superuser": true},
	}
	perms := []string{"auth.add_user", "auth.change_user", "auth.delete_user", "auth.view_group", "accounts.view_member", "accounts.add_account",
		"accounts.change_account", "sessions.delete_session", "AUTH.add_user", "auth.Add_user", "auth.", "add_user", "", "nothing.at_all"}
	usernames := make([]string, len(users))
	visits := make([]visit, len(users))
	for i, u := range users {
		u["username"], u["password"] = fmt.Sprintf("%s@%s", u["username"], model.name), "secret"
		usernames[i] = u["username"].(string)
		visits[i].Steps = []step{{"log in", usernames[i], "secret"}}
		for _, perm := range perms {
			visits[i].Steps = append(visits[i].Steps, step{"has perms", []string{perm}})
		}
		visits[i].Steps = append(visits[i].Steps, step{"has perms", perms[:2]})
	}
	ask[any](t, s, "create_users", testenv.Args{"users": users})
	type allowed struct {
		All []string `json:"all"`
		Has []bool   `json:"has"`
	}
	judged := ask[[]allowed](t, s, "permissions_of", testenv.Args{"usernames": usernames, "permissions": perms})
	for i, answer := range s.atGo(t, visits) {
		for k, perm := range perms {
			if got := answer.Results[1+k].([]any)[0]; got != judged[i].Has[k] {
				t.Errorf("%s, %q: HasPerm %v, Django %t", usernames[i], perm, got, judged[i].Has[k])
			}
		}
		u, err := s.users.ByUsername(t.Context(), usernames[i])
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.logins.Permissions(t.Context(), u)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, judged[i].All) {
			t.Errorf("%s: Permissions %v, Django %v", usernames[i], got, judged[i].All)
		}
	}
}

// storedNames are user names, which all databases find different.
var storedNames = []string{"Ann", "bob ", " carl", "Zoë", "straße", "ΣΊΣΥΦΟΣ", "İstanbul", "ﬁsh", "emoji😀", "under_score", "O'Neil", `back\slash`,
	"line\n", "100", "cafe\u0301", strings.Repeat("x", 149) + "Y"}

// variants are texts that might match a name.
func variants(name string) []string {
	all := []string{name, strings.ToLower(name), strings.ToUpper(name), name + " ", name + "  ", " " + name, strings.TrimSpace(name), name + "\t", name + "\u00a0",
		norm.NFC.String(name), norm.NFD.String(name), norm.NFKC.String(name), name + "\u200b", name + "\x00", "\x00" + name, name + "%", name[:len(name)-1]}
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.DeleteFunc(all, func(name string) bool { return strings.ToValidUTF8(name, "") != name })
}

// userNames: Authenticate accepts the names that authenticate accepts, and NormalizeUsername
// returns what the login form does.
func userNames(t *testing.T, c *cell) {
	s := newLoginSite(t, c, djangosUser, loginSettings{})
	storedNames := storedNames
	if c.inner {
		storedNames = storedNames[:4]
	}
	ask[any](t, s, "create_like_users", testenv.Args{"usernames": storedNames, "password": "secret"})
	ask[any](t, s, "create_users", testenv.Args{"users": []map[string]any{
		{"username": "inactive", "password": "secret", "is_active": false}, {"username": "unusable", "password": nil}, {"username": "empty", "password": ""},
	}})
	attempts := [][2]string{{"", "secret"}, {"Ann", ""}, {"Ann", "Secret"}, {"Ann", "secret "}, {"Ann", strings.Repeat("secret", 500)}, {"inactive", "secret"},
		{"unusable", ""}, {"unusable", "!"}, {"unusable", "None"}, {"empty", ""}, {"empty", " "}, {strings.Repeat("x", 5000), "secret"}, {"' OR 1=1 --", "secret"}, {"strasse", "secret"}, {"Zoe", "secret"}, {"cafe", "secret"}}
	for _, name := range storedNames {
		for _, variant := range variants(name) {
			attempts = append(attempts, [2]string{variant, "secret"})
		}
	}
	in := 0
	for i, judged := range ask[[]*string](t, s, "authenticate_many", testenv.Args{"attempts": attempts}) {
		u, err := s.logins.Authenticate(t.Context(), attempts[i][0], attempts[i][1])
		got, want := "nobody", "nobody"
		switch {
		case err == nil:
			got = u.ID
		case !errors.Is(err, auth.ErrCredentials):
			got = fmt.Sprint(err)
		}
		if judged != nil && !(c.ignoresNUL() && strings.Contains(attempts[i][0], "\x00")) {
			want = *judged
			in++
		}
		if got != want {
			t.Errorf("%.60q, %.20q: Authenticate finds %s, Django %s", attempts[i][0], attempts[i][1], got, want)
		}
	}
	t.Logf("%d attempts, %d let in", len(attempts), in)
	if in < len(storedNames) || in == len(attempts) {
		t.Error("nothing was compared")
	}
	if c.database.Vendor != testenv.SQLiteVendor {
		return // the database does not matter to the form
	}
	for _, name := range ask[[][2]string](t, s, "clean_usernames", testenv.Args{"seed": s.seed(), "count": 400}) {
		if got := auth.NormalizeUsername(name[0]); got != name[1] {
			t.Errorf("%q: NormalizeUsername makes %q of it, Django's form %q", name[0], got, name[1])
		}
	}
}
