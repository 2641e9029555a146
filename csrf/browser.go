package csrf

import (
	"net/http"
	"unicode/utf8"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/cookie"
)

const sessionKey = "_csrftoken" // CSRF_SESSION_KEY

// browserSecret is what the browser's cookie, or its session, holds.
type browserSecret struct {
	found   bool
	text    string
	secret  string // "" if text is not usable
	problem string // with a cookie's text
}

func (p *Protection) browserSecret(r *http.Request) (b browserSecret, err error) {
	if !p.settings.CSRFUseSessions {
		if b.text, b.found = cookie.Get(r.Header, p.settings.CSRFCookieName); b.found {
			b.secret, b.problem = parse(b.text, utf8.RuneCountInString(b.text))
		}
		return b, nil
	}
	s, err := p.sessions.Get(r)
	if err != nil {
		return b, err
	}
	text, ok, err := django.Lookup[*string](s, sessionKey)
	if !ok || err == nil && text == nil {
		return b, nil
	}
	b.found = true
	if err == nil && (len(*text) == tokenLength || !p.masks()) { // versions that mask secrets ignore other lengths
		b.text = *text
		b.secret, _ = parse(b.text, len(b.text))
	}
	return b, nil
}
