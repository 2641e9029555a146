package compat

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// describe puts two answers to the same request into words that can be compared.
func (f *formTrial) describe(theirs, ours *formPost) (string, string) {
	a, b := f.reasonOf(theirs.answer), f.reasonOf(ours.answer)
	if !simpleURL.MatchString(theirs.answer.Reason) {
		a, b = badURL.ReplaceAllString(a, "$1 a URL $2"), badURL.ReplaceAllString(b, "$1 a URL $2")
	}
	return f.answerOf(theirs, a), f.answerOf(ours, b)
}

// Go cuts URLs in reasons down to what can hold no secret.
var (
	badURL    = regexp.MustCompile(`(checking failed -) .* (does not match)`)
	simpleURL = regexp.MustCompile(`checking failed - (null|https?://[a-z0-9.-]+(:[0-9]+)?) does not match`)
)

// reasonOf is the reason of a refusal: its text where the texts are those of today,
// else its class, of which there were fewer for what is wrong with a token.
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

// answerOf puts an answer into words: random secrets by what they are secrets of.
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

// leavesSession reports whether the secret is in the session and not needed: Django
// reads it all the same, and says so by Vary.
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

// nameOf names what stands in a secret's place.
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

// formReason is the kind of an answer.
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
		{"missing or incorrect", "token"}, // what Django before 4.0 says of any
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
	d, refused := theirs.draft, ours.answer.Status == 403
	switch {
	case f.isOdd(d) && d.isSafe(): // Django hands out what it will not take, or raises
		return ours.answer.Status == 200
	case f.isOdd(d):
		return refused
	case theirs.answer.Status == 400 || theirs.answer.Status >= 500: // Django raised
		return refused || strings.Contains(d.place, "header") // which decides, so that nobody read the form
	case d.method == "get": // in capitals, for Django
		return refused
	case d.place == "header, field wrong": // the header decides
		return theirs.answer.Status == 403 && ours.answer.Status == 200
	case strings.HasPrefix(d.body, "multipart, "), d.body == "urlencoded, semicolon", d.body == "urlencoded, capitals": // the handler's form is Go's
		return theirs.answer.Status == 200 && ours.answer.Status == 200
	case d.place == "header" && strings.Contains(d.token, "é"): // two characters of a header's, for Django
		return refused
	case len(d.referer) == 1 && oddReferer.MatchString(d.referer[0]): // which of the reasons depends on the Python
		return refused && theirs.answer.Status == 403
	}
	return false
}

// oddReferer has a scheme that begins with no letter, or brackets: those of the
// host were not looked into once.
var oddReferer = regexp.MustCompile(`^[0-9+.-]|[][]`)

// isOdd reports whether the session holds in the secret's place what is none.
func (f *formTrial) isOdd(d draft) bool {
	if !f.inSession || len(d.held) == 0 {
		return false
	}
	held := d.held[len(d.held)-1]
	return secretIn(held) == "" || len(held) == secretLength && !f.cell.django.AtLeast(4, 1)
}
