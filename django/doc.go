// Package django is Django's session framework for Go: a Go service and a
// Django site read and write the very same sessions.
//
// Start with [DefaultSettings], fill in the site's SECRET_KEY and whatever else
// its settings.py changes, and hand the settings to [New] together with the
// engine that holds the site's sessions, for instance
// [github.com/djsession/djsession/dbstore.New]. [Sessions.Middleware] then does
// what Django's SessionMiddleware does, and [Sessions.Get] returns what a Django
// view calls request.session:
//
//	s, err := sessions.Get(r)
//	cart, err := django.Value(s, "cart", Cart{})
//	err = s.Set("cart", cart)
//
// Names follow Django's: SESSION_COOKIE_AGE is Settings.SessionCookieAge,
// cycle_key() is Session.CycleKey.
//
// What differs from Django on purpose, because Go serves many requests at once and a
// session is somebody's login:
//
//   - A session is saved by compare and swap. If another writer, Django or Go, saved it
//     meanwhile, the changes made here are applied on top of that.
//   - A store that fails is an error, never an anonymous visitor.
//   - CycleKey takes effect with the save, and never brings back a session that was deleted
//     meanwhile.
//
// On any error of Get, UpdateRequest, and packages auth and csrf, a handler calls
// [Sessions.HandleError] and returns.
package django
