// Package cookiestore keeps sessions where Django's signed_cookies engine keeps them,
// SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies": in the cookie itself. It
// needs no storage.
//
//	settings.SessionEngine = django.EngineSignedCookies
//	sessions, err := django.New(settings, cookiestore.New())
//
// The session's key is the session: it holds the data, readable for the browser, and is signed with
// SECRET_KEY. What follows from that:
//
//   - A logout removes the cookie from the browser, but cannot end a copy of it: that stays
//     valid for SESSION_COOKIE_AGE after it was signed. A shorter expiry of the session's own
//     ends the browser's cookie only, and a longer one is not kept, as in Django. What ends a copied
//     login is a new password, since its hash is in the session, or a new SECRET_KEY.
//   - Of two requests at the same time the one that is answered last wins: the browser keeps
//     its cookie, and the other's changes are lost. [django.Sessions.Update] cannot prevent that.
//   - Every change needs a new cookie, so none can be made once the response's headers are sent.
//   - A session that does not fit into a cookie cannot be saved; see [ErrTooLarge].
//
// A cookie that is too old counts as absent, and so does the key of another engine. One with a
// signature that does not match, which anybody can send, is an empty session, which the next save
// replaces; it is logged as "Session data corrupted" and otherwise left in the browser, since
// the site may have signed it and SECRET_KEY be wrong here. Django replaces each of them by a
// signed empty session as soon as the session is read.
package cookiestore
