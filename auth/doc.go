// Package auth shares Django's logins: it tells who Django says is logged in, and logs users
// in and out so that Django agrees. It is django.contrib.auth.
//
//	users, err := usertable.Open(db, sessions)       // the table auth_user
//	logins, err := auth.New(sessions, users)
//
//	mux.Handle("GET /account", logins.RequireLogin()(http.HandlerFunc(account))) // @login_required
//	handler := sessions.Middleware(logins.Middleware(mux))     // the order of MIDDLEWARE
//
//	func account(w http.ResponseWriter, r *http.Request) {
//		user, err := logins.User(r) // request.user
//
// Whatever error a method of [Logins] returns, a handler calls the sessions' HandleError and
// returns. Only after [ErrCredentials], and [hashers.ErrPassword] for a new password, does it
// show the form again.
//
// A user counts as logged in only if the session carries the hash of their current password.
// A user model with its own get_session_auth_hash needs [WithSessionAuthHash]. The page
// docs/logins.md lists the differences from Django.
package auth
