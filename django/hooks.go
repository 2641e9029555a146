package django

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/internal/response"
)

// errHijack is returned by Hijack if the browser needs a new cookie.
var errHijack = fmt.Errorf("%w: %w: call w.WriteHeader(http.StatusSwitchingProtocols) before Hijack, so that the handshake carries it",
	ErrHeadersSent, response.ErrRefused)

// Commit implements response.Hooks.
func (q *request) Commit(h http.Header, status int) error {
	err := q.commit(commit{q: q, h: h, status: status})
	q.settled = err == nil && status < 500
	return err
}

// Hijack implements response.Hooks.
func (q *request) Hijack(h http.Header) (undo func(), err error) {
	err = q.commit(commit{q: q, h: h, status: http.StatusSwitchingProtocols, hijack: true})
	q.settled = err == nil
	return func() { q.sealed.Store(false) }, err
}

// Late implements response.Hooks: it saves what was changed after the headers were sent. A
// failure is only logged.
func (q *request) Late(status int) {
	s, err := q.loaded()
	if s != nil {
		err = s.commitLate(commit{q: q, status: status})
	}
	q.settled = err == nil && status < 500
	if err != nil {
		q.logError("session changes after the response headers were not saved", err)
	}
}

// Fail implements response.Hooks. A session that moved to a new key keeps its cookie, and
// so does a session cookie that the handler set, such as a proxied Django's login.
func (q *request) Fail(w http.ResponseWriter, err error) {
	q.logError("session failed", err)
	h := w.Header()
	if q.foreign != nil {
		cookie.Vary(h)
		cookie.Replace(h, q.foreign, q.site.settings.SessionCookieName)
	} else if s, _ := q.loaded(); s != nil {
		before := len(h["Set-Cookie"])
		_ = s.addMoved(h, s.view(q)) // without a usable expiry there is no cookie
		if len(h["Set-Cookie"]) > before {
			cookie.Vary(h)
		}
	}
	q.site.answer(w, q.r, err)
	q.context.fail(err)
}

// Sealed implements response.Hooks.
func (q *request) Sealed() { q.sealed.Store(true) }

// Gone implements response.Hooks.
func (q *request) Gone() error { return q.context.Context.Err() }

// commit saves the request's session, if it was used.
func (q *request) commit(c commit) error {
	set := &q.site.settings
	q.foreign = nil
	if c.foreign = cookie.Sets(c.h, set.SessionCookieName); c.foreign {
		q.foreign = slices.Clone(c.h["Set-Cookie"])
	}
	s, err := q.loadedOrSeal()
	if err != nil {
		return err
	}
	if s != nil {
		return s.commit(c)
	}
	// The session was not used. A possible key keeps its cookie without a query.
	if !validKey(q.key) {
		if q.hasCookie && !c.foreign {
			set.sessionCookie("").Delete(c.h)
			cookie.Vary(c.h)
		}
		return nil
	}
	if !set.SessionSaveEveryRequest || c.status >= 500 || c.foreign {
		return nil
	}
	ctx, cancel := c.context()
	defer cancel()
	if s, err = q.load(ctx); err != nil {
		return err
	}
	q.sealed.Store(false) // until it is committed
	// Django tests for emptiness before it loads: an unknown key becomes a new, empty
	// session here.
	q.keepEmpty = true
	return s.commit(c)
}
