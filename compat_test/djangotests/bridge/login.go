package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/django"
)

func init() {
	register(map[string]operation{
		"auth.authenticate": withLogins(authenticate),
		"auth.login":        withLogins(authLogin),
		"auth.rotated":      withLogins(authRotated),
		"auth.logout":       withLogins(authLogout),
		"auth.user":         withLogins(authUser),
		"auth.update_hash":  withLogins(authUpdateHash),
		"auth.find":         withLogins(authFind),
		"auth.typed": func(c *call) (any, error) {
			return []byte(auth.NormalizeUsername(argsOf[authArgs](c).Username)), nil
		},
	})
}

func authenticate(c *call, a *authArgs, l *loginsOf) (any, error) {
	u, err := l.Authenticate(c.ctx(), a.Username, string(a.Password))
	return withAuthError(map[string]any{"user": userOut(u)}, err)
}

func authLogin(c *call, a *authArgs, l *loginsOf) (any, error) {
	u, err := l.user(c, a)
	if err != nil {
		return nil, err
	}
	h := c.handle()
	if a.Request != 0 {
		err := l.Login(l.live(a.Request), u)
		return withAuthError(h.state(nil), err)
	}
	if err := l.LoginSession(c.ctx(), h.s, u); err != nil {
		return withAuthError(h.state(nil), err)
	}
	if h.s.Key() == "" { // flushed
		h.base = django.Record{}
	}
	h.log = nil
	// Django changes the key at once.
	return sessionSave(c)
}

// authRotated logs the user in inside csrf's middleware as well, for a browser that has a
// secret, and returns the browser's secret after that.
func authRotated(c *call, a *authArgs, l *loginsOf) (any, error) {
	u, err := l.user(c, a)
	if err != nil {
		return nil, err
	}
	site := c.site()
	p, err := site.protection()
	if err != nil {
		return nil, err
	}
	settings := &site.settings
	r := httptest.NewRequest("GET", "/", nil)
	if site.spec.UseSessions {
		site.memory.put("rotated0", dictFromPython(`{"_csrftoken":"`+string(a.Password)+`"}`))
		r.AddCookie(&http.Cookie{Name: settings.SessionCookieName, Value: "rotated0"})
	} else {
		r.AddCookie(&http.Cookie{Name: settings.CSRFCookieName, Value: string(a.Password)})
	}
	rec := httptest.NewRecorder()
	var failed error
	site.inMemory.Middleware(p.Middleware(l.inMemory.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		failed = l.inMemory.Login(r, u)
	})))).ServeHTTP(rec, r)
	secret := ""
	for _, k := range rec.Result().Cookies() {
		switch {
		case k.Name == settings.CSRFCookieName && !site.spec.UseSessions:
			secret = k.Value
		case k.Name == settings.SessionCookieName && site.spec.UseSessions:
			if v, ok, _ := site.memory.get(k.Value, "_csrftoken"); ok {
				_ = v.Decode(&secret)
			}
		}
	}
	return withAuthError(map[string]any{"secret": secret}, failed)
}

func authLogout(c *call, a *authArgs, l *loginsOf) (any, error) {
	h := c.handle()
	var err error
	if a.Request != 0 {
		err = l.Logout(l.live(a.Request))
	} else {
		err = l.LogoutSession(c.ctx(), h.s)
	}
	h.flushed()
	return withAuthError(h.state(nil), err)
}

func authUser(c *call, a *authArgs, l *loginsOf) (any, error) {
	h := c.handle()
	v, err := l.Inspect(c.ctx(), h.s)
	if err != nil {
		return nil, err
	}
	var u auth.User
	if a.Request != 0 {
		u, err = l.User(l.live(a.Request))
	} else {
		u, err = l.SessionUser(c.ctx(), h.s)
	}
	if err != nil {
		return nil, err
	}
	if v.Flush {
		h.flushed()
	} else if v.Renew && a.Request == 0 {
		h.log = nil
		must(sessionSave(c)) // Django changes the key at once
	}
	reason := ""
	if v.Reason != nil {
		reason = authKind(v.Reason)
	}
	return h.state(map[string]any{"user": userOut(u), "reason": reason, "flush": v.Flush, "renew": v.Renew}), nil
}

func authUpdateHash(c *call, a *authArgs, l *loginsOf) (any, error) {
	u, err := l.user(c, a)
	if err != nil {
		return nil, err
	}
	h := c.handle()
	err = l.UpdateSessionAuthHash(l.live(a.Request), u)
	return withAuthError(h.state(nil), err)
}

// authFind finds the user by id and by name.
func authFind(c *call, a *authArgs, l *loginsOf) (any, error) {
	u, err := l.user(c, a)
	if err != nil {
		return nil, err
	}
	again, err := l.users.ByUsername(c.ctx(), u.Username)
	if err == nil && again != u {
		err = fmt.Errorf("by id: %v, by name: %v", u, again)
	}
	return userOut(u), err
}
