package django

import "github.com/djsession/djsession/internal/cookie"

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
