package auth_test

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

func TestGuards(t *testing.T) {
	s := newSite(t, func(set *django.Settings) { set.LoginURL = "/login/" })
	s.exec(t, "INSERT INTO auth_permission (id, name, content_type_id, codename) VALUES (900, 'sell', (SELECT MIN(id) FROM django_content_type), 'sell')")
	var app string
	if err := s.db.Get(&app, "SELECT app_label FROM django_content_type ORDER BY id LIMIT 1"); err != nil {
		t.Fatal(err)
	}
	sell := []string{app + ".sell"}
	s.exec(t, "INSERT INTO auth_user_user_permissions (user_id, permission_id) VALUES (1, 900)")
	s.exec(t, "INSERT INTO auth_user (id, username, password, is_superuser, is_staff, is_active, first_name, last_name, email, date_joined) VALUES (10, 'root', 'md5$x$x', 1, 1, 1, '', '', '', '2026-01-01 00:00:00')")
	ann, ben, root := s.login(t, "ann"), s.login(t, "ben"), s.login(t, "root")
	isStaff := func(u auth.User) bool { return u.IsStaff }
	const back = "/login/?next=/page/%3Fa%3D1"
	for name, c := range map[string]struct {
		guard    func(http.Handler) http.Handler
		key      string
		status   int
		location string
	}{
		"login, anonymous":            {s.logins.RequireLogin(), "", 302, back},
		"login, ann":                  {s.logins.RequireLogin(), ann, 200, ""},
		"login, elsewhere":            {s.logins.RequireLogin(auth.WithLoginURL("https://sso.example/?x=1")), "", 302, "https://sso.example/?x=1&next=http%3A//example.com/page/%3Fa%3D1"},
		"API, anonymous":              {s.logins.RequireLogin(auth.ForAPI()), "", 401, ""},
		"API, ann":                    {s.logins.RequireLogin(auth.ForAPI()), ann, 200, ""},
		"staff, anonymous":            {s.logins.RequireUser(isStaff), "", 302, back},
		"staff, ann":                  {s.logins.RequireUser(isStaff), ann, 302, back},
		"staff, ann, forbidding":      {s.logins.RequireUser(isStaff, auth.Forbidding()), ann, 403, ""},
		"staff, nobody, forbidding":   {s.logins.RequireUser(isStaff, auth.Forbidding()), "", 302, back},
		"staff API, ann":              {s.logins.RequireUser(isStaff, auth.ForAPI()), ann, 403, ""},
		"staff, root":                 {s.logins.RequireUser(isStaff), root, 200, ""},
		"permission, anonymous":       {s.logins.RequirePerm(sell), "", 302, back},
		"permission, ann":             {s.logins.RequirePerm(sell), ann, 200, ""},
		"permission, ben":             {s.logins.RequirePerm(sell, auth.Forbidding()), ben, 403, ""},
		"permission and another, ann": {s.logins.RequirePerm(append(sell, app+".buy"), auth.Forbidding()), ann, 403, ""},
		"permission, root":            {s.logins.RequirePerm([]string{"no.such"}), root, 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			let := false
			w := s.send(c.guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { let = true })), request("GET", "http://example.com/page/?a=1"), c.key)
			if w.Code != c.status || let != (c.status == 200) || w.Header().Get("Location") != c.location {
				t.Errorf("status %d, let through %t, Location %q", w.Code, let, w.Header().Get("Location"))
			}
			holds(t, w.Header().Get("Vary"), "Cookie")
		})
	}
}

// TestGuardsForAPIs: JSON, and no redirect.
func TestGuardsForAPIs(t *testing.T) {
	s := newSite(t, nil)
	nobody := func(auth.User) bool { return false }
	for key, status := range map[string]int{"": 401, s.login(t, "ann"): 403} {
		w := s.send(s.logins.RequireUser(nobody, auth.ForAPI())(http.NotFoundHandler()), request("GET", "/"), key)
		var body struct{ Detail string }
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || body.Detail == "" || w.Code != status ||
			w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Location") != "" {
			t.Errorf("status %d, %v, %q: %v", w.Code, w.Header(), w.Body, err)
		}
		if got := w.Header().Get("WWW-Authenticate"); (got == "Session") != (status == 401) {
			t.Errorf("status %d, WWW-Authenticate %q", w.Code, got)
		}
	}
}

// TestGuardsForAPIsInTrouble: where it is unknown who is logged in, the answer is JSON too,
// unless the site's own error handler answers in a form of its own.
func TestGuardsForAPIsInTrouble(t *testing.T) {
	for name, c := range map[string]struct {
		onError           django.ErrorHandler
		contentType, body string
	}{
		"default": {django.DefaultErrorHandler, "application/json", `{"detail":"Service Unavailable"}` + "\n"},
		"own": {func(w http.ResponseWriter, _ *http.Request, _ error) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusServiceUnavailable)
			io.WriteString(w, "{}")
		}, "application/problem+json", "{}"},
		"none": {func(http.ResponseWriter, *http.Request, error) {}, "application/json", `{"detail":"Service Unavailable"}` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, nil)
			key := s.login(t, "ann")
			var err error
			if s.sessions, err = django.New(s.settings, dbstore.New(s.db), django.WithErrorHandler(c.onError), django.WithLogger(slog.New(slog.NewTextHandler(s.log, nil)))); err != nil {
				t.Fatal(err)
			}
			s.withUsers(t, s.users)
			s.users.fail = errors.New("the table is down")
			w := s.send(s.logins.RequireLogin(auth.ForAPI())(http.NotFoundHandler()), request("GET", "/"), key)
			if w.Code != http.StatusServiceUnavailable || w.Header().Get("Content-Type") != c.contentType || w.Body.String() != c.body {
				t.Errorf("%d, %v, %q", w.Code, w.Header(), w.Body)
			}
			if length := w.Header().Get("Content-Length"); length != "" && length != strconv.Itoa(len(c.body)) {
				t.Errorf("Content-Length %s of %d", length, len(c.body))
			}
			holds(t, s.log.String(), "level=ERROR", "the table is down")
		})
	}
}

// TestGuardWithDenied: a handler answers in place of the guard, whatever the other options.
func TestGuardWithDenied(t *testing.T) {
	s := newSite(t, nil)
	denied := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, err := s.logins.User(r)
		if err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusTeapot)
		io.WriteString(w, "not you, "+u.Username)
	})
	nobody := func(auth.User) bool { return false }
	for _, opts := range [][]auth.GuardOption{
		{auth.WithDenied(denied)}, {auth.ForAPI(), auth.WithDenied(denied)}, {auth.WithDenied(denied), auth.Forbidding(), auth.ForAPI()},
	} {
		for key, name := range map[string]string{"": "", s.login(t, "ann"): "ann"} {
			for _, guard := range []func(http.Handler) http.Handler{s.logins.RequireUser(nobody, opts...), s.logins.RequirePerm([]string{"a.b"}, opts...)} {
				w := s.send(guard(http.NotFoundHandler()), request("GET", "/"), key)
				if w.Code != http.StatusTeapot || w.Body.String() != "not you, "+name {
					t.Errorf("%d options, %q: %d %q", len(opts), name, w.Code, w.Body)
				}
			}
		}
	}
}

// TestGuardsPanic: a guard that makes no sense panics when it is made, not when the first
// request comes.
func TestGuardsPanic(t *testing.T) {
	s := newSite(t, nil)
	for name, f := range map[string]func(){
		"WithDenied(nil)":     func() { auth.WithDenied(nil) },
		"RequireUser(nil)":    func() { s.logins.RequireUser(nil) },
		"RequirePerm(nil)":    func() { s.logins.RequirePerm(nil) },
		"RequirePerm of none": func() { s.logins.RequirePerm([]string{}, auth.ForAPI()) },
		"RequirePerm of \"\"": func() { s.logins.RequirePerm([]string{"shop.sell", ""}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is accepted", name)
				}
			}()
			f()
		}()
	}
}

// TestUserHasPerm: of any user, whether there is a request or not.
func TestUserHasPerm(t *testing.T) {
	s := newSite(t, nil)
	s.exec(t, "INSERT INTO auth_permission (id, name, content_type_id, codename) VALUES (900, 'sell', (SELECT MIN(id) FROM django_content_type), 'sell')")
	s.exec(t, "INSERT INTO auth_user_user_permissions (user_id, permission_id) VALUES (1, 900), (3, 900)")
	var app string
	if err := s.db.Get(&app, "SELECT app_label FROM django_content_type ORDER BY id LIMIT 1"); err != nil {
		t.Fatal(err)
	}
	root := s.user(t, "ben")
	root.IsSuperuser = true
	for name, c := range map[string]struct {
		u     auth.User
		perms []string
		want  bool
	}{
		"ann":             {s.user(t, "ann"), []string{app + ".sell"}, true},
		"ann, two":        {s.user(t, "ann"), []string{app + ".sell", app + ".buy"}, false},
		"ann, none asked": {s.user(t, "ann"), nil, true},
		"ben":             {s.user(t, "ben"), []string{app + ".sell"}, false},
		"inactive":        {s.user(t, "cyd"), []string{app + ".sell"}, false},
		"a superuser":     {root, []string{"no.such"}, true},
		"anonymous":       {auth.User{IsActive: true, IsSuperuser: true}, nil, false},
	} {
		if got, err := s.logins.UserHasPerm(t.Context(), c.u, c.perms...); err != nil || got != c.want {
			t.Errorf("%s: %t, %v", name, got, err)
		}
	}
	logins, err := auth.New(s.sessions, onlyUsers{s.users})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := logins.UserHasPerm(t.Context(), s.user(t, "ann"), "a.b"); !errors.Is(err, auth.ErrNoPermissions) {
		t.Errorf("of Users without permissions: %v", err)
	}
}

// TestPermissionsOfASuperuser are all there are, as Django's get_all_permissions says.
func TestPermissionsOfASuperuser(t *testing.T) {
	s := newSite(t, nil)
	s.exec(t, "UPDATE auth_user SET is_superuser = 1 WHERE id = 1")
	var want int
	if err := s.db.Get(&want, "SELECT COUNT(*) FROM auth_permission"); err != nil {
		t.Fatal(err)
	}
	all, err := s.logins.Permissions(t.Context(), s.user(t, "ann"))
	if err != nil || len(all) != want || want == 0 || !slices.Contains(all, "auth.add_user") {
		t.Errorf("%d permissions of %d, %v", len(all), want, err)
	}
}

// TestHasPermAsksOnce: permissions are looked up once for a request.
func TestHasPermAsksOnce(t *testing.T) {
	s := newSite(t, nil)
	s.get(func(w http.ResponseWriter, r *http.Request) {
		for range 3 {
			if ok, err := s.logins.HasPerm(r, "shop.sell"); ok || err != nil {
				t.Errorf("%t, %v", ok, err)
			}
		}
	}, s.login(t, "ann"))
	if n := s.users.perms.Load(); n != 1 {
		t.Errorf("%d questions", n)
	}
}

// TestGuardsAndHosts: where the redirect goes that a guard answers with.
func TestGuardsAndHosts(t *testing.T) {
	s := newSite(t, func(set *django.Settings) { set.AllowedHosts = []string{"shop.example"} })
	guarded := s.logins.RequireLogin()(http.NotFoundHandler())
	for _, c := range []struct {
		h        http.Handler
		url      string
		status   int
		location string
	}{
		{guarded, "http://shop.example/page/", 302, "/accounts/login/?next=/page/"},
		{guarded, "http://evil.example/page/", 400, ""},
		{guarded, "http://shop.example/" + strings.Repeat("x", 20000), 400, ""},
		// The way back is to what was asked for, not to what a mux left of it.
		{http.StripPrefix("/shop", guarded), "http://shop.example/shop/page/?a=1", 302, "/accounts/login/?next=/shop/page/%3Fa%3D1"},
	} {
		w := s.send(c.h, request("GET", c.url), "")
		if w.Code != c.status || w.Header().Get("Location") != c.location {
			t.Errorf("%.60s: %d, %.80q", c.url, w.Code, w.Header().Get("Location"))
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("WithLoginURL accepts what is no URL")
		}
	}()
	s.logins.RequireLogin(auth.WithLoginURL("login"))
}

// TestInactiveSuperuser: a backend that lets inactive users in gives them no
// permissions.
func TestInactiveSuperuser(t *testing.T) {
	s := newSite(t, func(set *django.Settings) { set.AuthenticationBackends = []string{allowAll} })
	s.exec(t, "UPDATE auth_user SET is_superuser = 1, is_active = 0 WHERE id = 1")
	s.get(func(w http.ResponseWriter, r *http.Request) {
		if u, err := s.logins.User(r); err != nil || u.Username != "ann" {
			t.Errorf("%v, %v", u, err)
		}
		if ok, err := s.logins.HasPerm(r, "shop.sell"); ok || err != nil {
			t.Errorf("HasPerm: %t, %v", ok, err)
		}
	}, s.login(t, "ann"))
	if perms, err := s.logins.Permissions(t.Context(), s.user(t, "ann")); len(perms) > 0 || err != nil {
		t.Errorf("Permissions: %v, %v", perms, err)
	}
}
