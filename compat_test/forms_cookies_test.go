package compat

import (
	"fmt"
	"slices"
	"strings"
)

// formCookies keeps the cookies of a site.
type formCookies map[string]string

// header is the text of the Cookie header.
func (b formCookies) header() string {
	var cookies []string
	for name, value := range b {
		cookies = append(cookies, name+"="+value)
	}
	slices.Sort(cookies)
	return strings.Join(cookies, "; ")
}

// take keeps the cookies that an answer sets.
func (b formCookies) take(a formAnswer) {
	for _, line := range a.Header("Set-Cookie") {
		name, value, _ := splitCookie(line)
		b[name] = value
	}
}

// splitCookie splits a Set-Cookie header and sorts its attributes.
func splitCookie(line string) (name, value, attributes string) {
	parts := strings.Split(line, "; ")
	name, value, _ = strings.Cut(parts[0], "=")
	slices.Sort(parts[1:])
	return name, value, strings.Join(parts[1:], "; ")
}

// fieldOf returns the token in a form's field, and the rest of the field.
func fieldOf(body string) (token, rest string) {
	before, after, found := strings.Cut(body, `value="`)
	if !found {
		return "", body
	}
	token, after, _ = strings.Cut(after, `"`)
	return token, fmt.Sprintf(`%svalue="..."%s`, before, after)
}
