package compat

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// describe returns comparable texts of two answers to the same request.
func (f *formTrial) describe(theirs, ours *formPost) (string, string) {
	a, b := f.reasonOf(theirs.answer), f.reasonOf(ours.answer)
	if !simpleURL.MatchString(theirs.answer.Reason) {
		a, b = badURL.ReplaceAllString(a, "$1 a URL $2"), badURL.ReplaceAllString(b, "$1 a URL $2")
	}
	return f.answerOf(theirs, a), f.answerOf(ours, b)
}

// Go removes the parts of URLs in reasons that may hold a secret.
var (
	badURL    = regexp.MustCompile(`(checking failed -) .* (does not match)`)
	simpleURL = regexp.MustCompile(`checking failed - (null|https?://[a-z0-9.-]+(:[0-9]+)?) does not match`)
)

// reasonOf is the reason of a rejection: its text in Djangos that have today's texts, else
// its class, since older Djangos have fewer classes for an invalid token.
func (f *formTrial) reasonOf(a formAnswer) string {
	if f.cell.django.AtLeast(4, 0) {
		return a.Reason
	}
	switch class := formReason(a); class {
	case "bad cookie", "no token", "token's length", "token's characters":
		return "token"
	default:
		return class
	}
}

// answerOf formats an answer, with names in place of random secrets.
func (f *formTrial) answerOf(p *formPost, reason string) string {
	text := fmt.Sprintf("%d %s", p.answer.Status, reason)
	lines := slices.Clone(p.answer.Header("Set-Cookie"))
	slices.Sort(lines)
	for _, line := range lines {
		name, value, attributes := splitCookie(line)
		switch {
		case name == f.cookieName:
			value = p.nameOf(value)
		case value == p.key:
			value = "the same"
		case len(value) == secretLength:
			value = "a new key"
		}
		text += fmt.Sprintf(" | Set-Cookie %s=%s; %s", name, value, attributes)
	}
	if !f.leavesSession(p) {
		text += " | Vary " + strings.Join(p.answer.Header("Vary"), ", ")
	}
	if p.answer.Status == 200 {
		token, rest := fieldOf(p.answer.Body)
		if token != "" {
			rest += " " + p.nameOf(token)
		}
		text += " | " + rest
	}
	if f.inSession {
		text += " | holds " + p.nameOf(p.stored)
	}
	return text
}

// leavesSession reports whether the secret is in the session and not needed: Django reads
// it nevertheless, and so sends Vary.
func (f *formTrial) leavesSession(p *formPost) bool {
	switch {
	case !f.inSession:
		return false
	case strings.Contains(p.answer.Reason, "checking failed"):
		return true
	case p.path == "/form" || p.path == "/rotate":
		return false
	}
	return p.isSafe()
}

// isSafe reports whether the method needs no token.
func (d draft) isSafe() bool {
	return slices.Contains([]string{"GET", "HEAD", "OPTIONS", "TRACE"}, d.method)
}

// nameOf names a secret or the value in its place.
func (p *formPost) nameOf(text string) string {
	secret := secretIn(text)
	kind := "bare"
	if len(text) > secretLength {
		kind = "masked"
	}
	switch {
	case secret == "":
		return fmt.Sprintf("%q", text)
	case secret == p.secret:
		return kind + ", the secret"
	case len(p.held) > 0 && secret == secretIn(p.held[len(p.held)-1]):
		return kind + ", the one held"
	default:
		return kind + ", a new one"
	}
}

// formReason is a reason of a rejection.
func formReason(a formAnswer) string {
	if a.Status != 403 {
		return fmt.Sprint(a.Status)
	}
	for _, known := range []struct{ text, class string }{
		{"Origin checking failed", "origin"},
		{"no Referer", "no referer"},
		{"Referer is malformed", "malformed referer"},
		{"Referer is insecure", "insecure referer"},
		{"Referer checking failed", "bad referer"},
		{"CSRF cookie not set", "no cookie"},
		{"CSRF cookie", "bad cookie"},
		{"missing or incorrect", "token"}, // Django's text before 4.0 for every invalid token
		{"CSRF token missing", "no token"},
		{"length", "token's length"},
		{"characters", "token's characters"},
		{"incorrect", "token"},
	} {
		if strings.Contains(a.Reason, known.text) {
			return known.class
		}
	}
	return "unknown: " + a.Reason
}

// excused are the documented differences.
func (f *formTrial) excused(theirs, ours *formPost) bool {
	d, rejected := theirs.draft, ours.answer.Status == 403
	switch {
	case f.isOdd(d) && d.isSafe(): // Django renders a token that it rejects later, or raises
		return ours.answer.Status == 200
	case f.isOdd(d):
		return rejected
	case theirs.answer.Status == 400 || theirs.answer.Status >= 500: // Django raised
		return rejected || strings.Contains(d.place, "header") // the header decides, and Go does not read the form
	case d.method == "get": // Django compares the method in capitals
		return rejected
	case d.place == "header, field wrong": // the header decides
		return theirs.answer.Status == 403 && ours.answer.Status == 200
	case strings.HasPrefix(d.body, "multipart, "), d.body == "urlencoded, semicolon", d.body == "urlencoded, capitals": // Go's handler parses the form
		return theirs.answer.Status == 200 && ours.answer.Status == 200
	case d.place == "header" && strings.Contains(d.token, "é"): // Django decodes headers as Latin-1: two characters
		return rejected
	case len(d.referer) == 1 && oddReferer.MatchString(d.referer[0]): // the reason depends on the Python
		return rejected && theirs.answer.Status == 403
	}
	return false
}

// oddReferer matches a scheme that does not begin with a letter, and brackets, which older
// Pythons did not check in a host.
var oddReferer = regexp.MustCompile(`^[0-9+.-]|[][]`)

// isOdd reports whether the session holds an invalid secret.
func (f *formTrial) isOdd(d draft) bool {
	if !f.inSession || len(d.held) == 0 {
		return false
	}
	held := d.held[len(d.held)-1]
	return secretIn(held) == "" || len(held) == secretLength && !f.cell.django.AtLeast(4, 1)
}
