// Package auth shares Django's logins: it knows who Django says is logged in, by
// Django's own rules, and logs people in and out so that Django agrees. It is
// django.contrib.auth.
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
// The id in a session alone is no login: the session also holds a hash of the
// user's password field. If that does not match, the visitor is anonymous and gets a new,
// empty session. A changed password thus ends every other session of that user, a stolen
// one included, on both sides.
//
// A user model with its own get_session_auth_hash needs [WithSessionAuthHash]. Until that
// is set, its users are anonymous here; at Django they stay logged in until something is set
// in the new session, whose cookie then replaces the old one. The stored session is
// not deleted, since the hash may be one that only Django knows. [WithFlush] deletes it.
//
// # Where this differs from Django
//
//   - A session whose hash does not match is left to Django, unless WithFlush is set: its row
//     stays until Logout or the login of another user deletes it, and the browser's cookie
//     until something is set in the new session.
//   - Where Django raises an exception, for an id in the session that cannot be one,
//     the visitor is anonymous and the session stays; that is logged at warn.
//   - A user without a password field is an error, [ErrNoPassword], unless it is known
//     to be stored empty.
//   - A password hash is made anew on login only if the parameters to make it with
//     were configured explicitly: two programs that disagree would re-hash in turn,
//     and each re-hash ends the user's other sessions.
//   - If the new hash of such a login cannot be stored, that is logged and the
//     login goes on with the old one.
//   - The number of passwords that are checked at once, and of those that wait for it,
//     is bounded; see package hashers.
//   - A new session key takes effect when the session is saved, with the response;
//     see [django.Session.CycleKey].
//   - Signals are not sent. What user_logged_in does by itself, updating last_login,
//     is done.
package auth
