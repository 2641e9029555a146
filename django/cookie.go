package django

import (
	"net/http"

	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/serializer"
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

// storedSession is what a session's cookie is made of.
type storedSession struct {
	key  string
	data *serializer.Dict
}

// addMoved adds what the browser must learn in any response: the cookie of a session that
// was stored under a key that it does not have, or that its session was flushed.
func (s *Session) addMoved(h http.Header, v view) error {
	switch {
	case v.flushed:
		s.site.settings.sessionCookie("").Delete(h)
	case v.moved.key != "":
		return s.addCookie(h, v.moved)
	}
	return nil
}

// addCookie adds the session's cookie to h.
func (s *Session) addCookie(h http.Header, of storedSession) error {
	life, err := s.site.lifetime(of.data)
	if err != nil {
		return err
	}
	c := s.site.settings.sessionCookie(of.key)
	c.UntilClose, c.Age = s.site.expireAtBrowserClose(of.data), life.age
	c.Add(h, s.site.now().Add(life.rest))
	return nil
}
