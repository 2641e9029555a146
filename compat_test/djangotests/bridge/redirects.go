package main

import (
	"net/http"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/internal/safeurl"
)

func init() {
	register(map[string]operation{
		"auth.next":  withLogins(authNext),
		"auth.guard": withLogins(authGuard),
		"url.allowed": func(c *call) (any, error) {
			a := argsOf[urlArgs](c)
			return safeurl.Allowed(string(a.URL), a.Hosts, a.HTTPS), nil
		},
		"url.to_login": func(c *call) (any, error) {
			a := argsOf[urlArgs](c)
			return safeurl.ToLogin(string(a.URL), string(a.Next))
		},
	})
}

func authNext(c *call, a *authArgs, l *loginsOf) (any, error) {
	return []byte(l.NextURL(a.HTTP.request(c.ctx()))), nil
}

// authGuard sends a request through RequirePerm, or RequireLogin if there are no permissions.
func authGuard(c *call, a *authArgs, l *loginsOf) (any, error) {
	var opts []auth.GuardOption
	if a.LoginURL != "" {
		if _, err := safeurl.ToLogin(a.LoginURL, "/"); err != nil {
			return nil, err
		}
		opts = append(opts, auth.WithLoginURL(a.LoginURL))
	}
	guard := l.inMemory.RequireLogin(opts...)
	if a.Perms != nil {
		guard = l.inMemory.RequirePerm(a.Perms, opts...)
	}
	passed := false
	rec, err := c.asUser(l, a, a.HTTP.request(c.ctx()), guard, func(http.ResponseWriter, *http.Request) { passed = true })
	if err != nil {
		return nil, err
	}
	return map[string]any{"passed": passed, "status": rec.Code, "location": []byte(rec.Header().Get("Location"))}, nil
}

type urlArgs struct {
	URL   []byte   `json:"url"`
	Next  []byte   `json:"next"`
	Hosts []string `json:"hosts"`
	HTTPS bool     `json:"https"`
}
