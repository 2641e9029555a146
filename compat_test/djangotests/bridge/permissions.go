package main

import (
	"errors"
	"net/http"
	"net/http/httptest"

	"github.com/djsession/djsession/auth"
)

func init() {
	register(map[string]operation{
		"auth.permissions": withLogins(authPermissions),
		"auth.has_perms":   withLogins(authHasPerms),
	})
}

func authPermissions(c *call, a *authArgs, l *loginsOf) (any, error) {
	u, err := l.user(c, a)
	if err != nil {
		return nil, err
	}
	all, err := l.Permissions(c.ctx(), u)
	return list(all), err
}

// asUser runs f in the handler of a request for which the user is logged in, if there is
// one.
func (c *call) asUser(l *loginsOf, a *authArgs, r *http.Request, wrap func(http.Handler) http.Handler, f http.HandlerFunc) (*httptest.ResponseRecorder, error) {
	site := c.site()
	u, err := l.user(c, a)
	if err != nil {
		return nil, err
	}
	if u.IsAuthenticated() {
		if u.Backend == "" {
			u.Backend = site.spec.Backends[0]
		}
		s := site.inMemory.NewSession()
		if err := errors.Join(l.inMemory.LoginSession(c.ctx(), s, u), s.Save(c.ctx())); err != nil {
			return nil, err
		}
		r.AddCookie(&http.Cookie{Name: site.settings.SessionCookieName, Value: s.Key()})
	}
	rec := httptest.NewRecorder()
	site.inMemory.Middleware(l.inMemory.Middleware(wrap(f))).ServeHTTP(rec, r)
	return rec, nil
}

func authHasPerms(c *call, a *authArgs, l *loginsOf) (any, error) {
	if a.Inactive {
		other := *l
		var err error
		if other.inMemory, err = auth.New(c.site().inMemory, withoutLastLogin(inactiveUsers{l.users}), l.opts...); err != nil {
			return nil, err
		}
		l = &other
	}
	plain := func(h http.Handler) http.Handler { return h }
	var has [2]bool
	var failed [2]error
	_, err := c.asUser(l, a, httptest.NewRequest("GET", "/", nil), plain,
		func(_ http.ResponseWriter, r *http.Request) { has[0], failed[0] = l.inMemory.HasPerm(r, a.Perms...) })
	if err != nil {
		return nil, err
	}
	// The same for a user who logs in with this request, as an inactive user can.
	u, err := l.user(c, a)
	if err != nil {
		return nil, err
	}
	if u.Backend == "" {
		u.Backend = c.site().spec.Backends[0]
	}
	c.site().inMemory.Middleware(l.inMemory.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if u.IsAuthenticated() {
			failed[1] = l.inMemory.Login(r, u)
		}
		if failed[1] == nil {
			has[1], failed[1] = l.inMemory.HasPerm(r, a.Perms...)
		}
	}))).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	return has, errors.Join(failed[0], failed[1])
}
