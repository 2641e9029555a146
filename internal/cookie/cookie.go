// Package cookie reads and writes cookies as Django does, to the letter.
package cookie

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Get returns the value of a request's cookie and whether there is
// one. Of several with the name the last counts, as for Django.
func Get(h http.Header, name string) (value string, ok bool) {
	for _, line := range h["Cookie"] {
		for chunk := range strings.SplitSeq(line, ";") {
			k, v, found := strings.Cut(chunk, "=")
			if found && strings.Contains(k, name) && strip(k) == name {
				value, ok = v, true
			}
		}
	}
	return unquote(strip(value)), ok
}

// strip is Python's str.strip.
func strip(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f })
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
		if s[i] != '\\' || i+1 == len(s) || s[i+1] == '\n' {
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

// Sets reports whether the response already sets a cookie of this name.
func Sets(h http.Header, name string) bool {
	return slices.ContainsFunc(h["Set-Cookie"], func(line string) bool { return names(line, name) })
}

// Replace replaces what h sets of the cookie of this name by what the lines of another
// Set-Cookie header set.
func Replace(h http.Header, lines []string, name string) {
	kept := slices.DeleteFunc(h["Set-Cookie"], func(line string) bool { return names(line, name) })
	for _, line := range lines {
		if names(line, name) {
			kept = append(kept, line)
		}
	}
	h["Set-Cookie"] = kept
}

func names(line, name string) bool {
	k, _, found := strings.Cut(line, "=")
	return found && strings.TrimSpace(k) == name
}

// Cookie is a cookie for a response.
type Cookie struct {
	Name, Value      string
	Domain, Path     string
	SameSite         string
	Secure, HTTPOnly bool
	Age              int64 // seconds
	UntilClose       bool  // in place of Age
}

// Add adds the cookie to a response, the attributes in Django's order. It
// expires Age after now.
func (c Cookie) Add(h http.Header, now time.Time) {
	t := text{}
	t.start(c.Name, c.Value)
	t.attribute("Domain", c.Domain)
	if !c.UntilClose {
		t.attribute("expires", httpDate(now, c.Age))
	}
	t.flag("HttpOnly", c.HTTPOnly)
	if !c.UntilClose {
		t.attribute("Max-Age", strconv.FormatInt(c.Age, 10))
	}
	t.attribute("Path", c.Path)
	t.attribute("SameSite", c.SameSite)
	t.flag("Secure", c.Secure)
	h.Add("Set-Cookie", t.String())
}

// Delete has the browser forget the cookie. Browsers ignore that for some
// cookies unless it is marked as secure.
func (c Cookie) Delete(h http.Header) {
	t := text{}
	t.start(c.Name, `""`)
	t.attribute("Domain", c.Domain)
	t.attribute("expires", "Thu, 01 Jan 1970 00:00:00 GMT")
	t.attribute("Max-Age", "0")
	t.attribute("Path", c.Path)
	t.attribute("SameSite", c.SameSite)
	t.flag("Secure", strings.HasPrefix(c.Name, "__Secure-") || strings.HasPrefix(c.Name, "__Host-") ||
		strings.EqualFold(c.SameSite, "None"))
	h.Add("Set-Cookie", t.String())
}

type text struct{ strings.Builder }

func (t *text) start(name, value string) {
	t.Grow(128)
	t.WriteString(name)
	t.WriteByte('=')
	t.WriteString(value)
}

func (t *text) attribute(name, value string) {
	if value != "" {
		t.flag(name, true)
		t.WriteByte('=')
		t.WriteString(value)
	}
}

func (t *text) flag(name string, on bool) {
	if on {
		t.WriteString("; ")
		t.WriteString(name)
	}
}

// httpDate is the moment age seconds from now, kept to the years that a cookie
// can name.
func httpDate(now time.Time, age int64) string {
	const last = 253402300799 // the end of the year 9999
	unix := max(0, min(last, now.Unix()+age))
	return time.Unix(unix, 0).UTC().Format(http.TimeFormat)
}

// Vary adds Cookie to the Vary header, as Django's patch_vary_headers
// does.
func Vary(h http.Header) {
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
