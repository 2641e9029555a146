package django

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// requestCookie returns the value of the session cookie and whether there is
// one. Of several with the name the last counts, as for Django.
func requestCookie(h http.Header, name string) (value string, ok bool) {
	for _, line := range h["Cookie"] {
		for chunk := range strings.SplitSeq(line, ";") {
			k, v, found := strings.Cut(chunk, "=")
			if found && strings.TrimSpace(k) == name {
				value, ok = unquote(strings.TrimSpace(v)), true
			}
		}
	}
	return value, ok
}

// unquote takes the quotes off a cookie's value, as Python's http.cookies does.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	s = s[1 : len(s)-1]
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		if i+3 < len(s) && s[i+1] <= '3' {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteRune(rune(n))
				i += 3
				continue
			}
		}
		i++
		b.WriteByte(s[i])
	}
	return b.String()
}

// setsCookie reports whether the response already sets a cookie of this name.
func setsCookie(h http.Header, name string) bool {
	for _, line := range h["Set-Cookie"] {
		k, _, found := strings.Cut(line, "=")
		if found && strings.TrimSpace(k) == name {
			return true
		}
	}
	return false
}

// addCookie adds the session cookie to a response, the attributes in Django's
// order. Until the browser closes, it has neither Max-Age nor Expires.
func (s *Settings) addCookie(h http.Header, key string, untilClose bool, age int64, now time.Time) {
	c := cookieText{}
	c.start(s.SessionCookieName, key)
	c.attribute("Domain", s.SessionCookieDomain)
	if !untilClose {
		c.attribute("expires", httpDate(now, age))
	}
	c.flag("HttpOnly", s.SessionCookieHTTPOnly)
	if !untilClose {
		c.attribute("Max-Age", strconv.FormatInt(age, 10))
	}
	c.attribute("Path", s.SessionCookiePath)
	c.attribute("SameSite", string(s.SessionCookieSameSite))
	c.flag("Secure", s.SessionCookieSecure)
	h.Add("Set-Cookie", c.String())
}

// deleteCookie has the browser forget the session cookie. Browsers ignore that
// for some cookies unless it is marked as secure.
func (s *Settings) deleteCookie(h http.Header) {
	name := s.SessionCookieName
	secure := strings.HasPrefix(name, "__Secure-") || strings.HasPrefix(name, "__Host-") ||
		s.SessionCookieSameSite == SameSiteNone
	c := cookieText{}
	c.start(name, `""`)
	c.attribute("Domain", s.SessionCookieDomain)
	c.attribute("expires", "Thu, 01 Jan 1970 00:00:00 GMT")
	c.attribute("Max-Age", "0")
	c.attribute("Path", s.SessionCookiePath)
	c.attribute("SameSite", string(s.SessionCookieSameSite))
	c.flag("Secure", secure)
	h.Add("Set-Cookie", c.String())
}

type cookieText struct{ strings.Builder }

func (c *cookieText) start(name, value string) {
	c.Grow(128)
	c.WriteString(name)
	c.WriteByte('=')
	c.WriteString(value)
}

func (c *cookieText) attribute(name, value string) {
	if value != "" {
		c.flag(name, true)
		c.WriteByte('=')
		c.WriteString(value)
	}
}

func (c *cookieText) flag(name string, on bool) {
	if on {
		c.WriteString("; ")
		c.WriteString(name)
	}
}

// httpDate is the moment age seconds from now, kept to the years that a cookie
// can name.
func httpDate(now time.Time, age int64) string {
	const last = 253402300799 // the end of the year 9999
	unix := max(0, min(last, now.Unix()+age))
	return time.Unix(unix, 0).UTC().Format(http.TimeFormat)
}

// varyOnCookie adds Cookie to the Vary header, as Django's patch_vary_headers
// does.
func varyOnCookie(h http.Header) {
	var names []string
	found := false
	for _, line := range h["Vary"] {
		for name := range strings.SplitSeq(line, ",") {
			name = strings.TrimSpace(name)
			switch {
			case name == "*":
				h.Set("Vary", "*")
				return
			case name != "":
				found = found || strings.EqualFold(name, "Cookie")
				names = append(names, name)
			}
		}
	}
	if found {
		return
	}
	h.Set("Vary", strings.Join(append(names, "Cookie"), ", "))
}
