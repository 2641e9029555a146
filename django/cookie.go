package django

import (
	"net/http"

	"github.com/djsession/djsession/internal/cookie"
)

// sessionCookie is the session's cookie without its expiry.
func (s *Settings) sessionCookie(key string) cookie.Cookie {
	return cookie.Cookie{
		Name:     s.SessionCookieName,
		Value:    key,
		Domain:   s.SessionCookieDomain,
		Path:     s.SessionCookiePath,
		SameSite: string(s.SessionCookieSameSite),
		Secure:   s.SessionCookieSecure,
		HTTPOnly: s.SessionCookieHTTPOnly,
	}
}

// addMoved adds the cookie of a session that was stored under a key that the browser does
// not have.
func (s *Session) addMoved(h http.Header, v view) error {
	switch {
	case v.moved:
		return s.addCookie(h, v)
	case v.strayed != nil:
		return s.addAbandoned(h, v)
	}
	return nil
}

// addAbandoned adds the cookie of a session that moved to a new key and was abandoned.
func (s *Session) addAbandoned(h http.Header, v view) error {
	return s.addCookie(h, view{key: v.strayed.key, data: v.strayed.data})
}

// addCookie adds the session's cookie to h.
func (s *Session) addCookie(h http.Header, v view) error {
	life, err := s.site.lifetime(v.data)
	if err != nil {
		return err
	}
	c := s.site.settings.sessionCookie(v.key)
	c.UntilClose, c.Age = s.site.expireAtBrowserClose(v.data), life.age
	c.Add(h, s.site.codec.Now().Add(life.rest))
	return nil
}
