// Package django shares sessions with a Django site: Go and Django read and write the
// same ones.
//
//	settings, err := django.LoadSettings("djsession.json") // made by the command djsession settings
//	sessions, err := django.New(settings, dbstore.New(db))
//	http.ListenAndServe(addr, sessions.Middleware(mux)) // SessionMiddleware
//
//	s, err := sessions.Get(r)                      // in a handler: request.session
//	cart, err := django.Value(s, "cart", Cart{})   // request.session.get("cart", {})
//	err = s.Set("cart", cart)                      // request.session["cart"] = cart
//
// Names are Django's: SESSION_COOKIE_AGE is Settings.SessionCookieAge. On any error of
// Get, UpdateRequest, and packages auth and csrf, a handler calls [Sessions.HandleError]
// and returns. A save never overwrites what another writer changed; docs/guarantees.md
// states what can be relied on.
package django
