package auth

import (
	"errors"

	"github.com/djsession/djsession/django"
)

// Errors of this package. Compare with errors.Is.
var (
	// ErrNoMiddleware: the request did not pass through [Logins.Middleware]. It also is a
	// django.ErrNoMiddleware by errors.Is.
	ErrNoMiddleware error = noMiddleware{}

	// ErrNoPassword: the Users returned a user without the password field, of which the
	// hash in the session is made.
	ErrNoPassword = errors.New("auth: the user has an empty Password: Users must return the password column as it is stored, or set EmptyPassword if it is stored empty")

	// ErrCredentials: the username or the password is wrong, or the user is not
	// active. The error does not tell which, so that the visitor cannot be told either.
	ErrCredentials = errors.New("auth: username and password do not match an active user")

	// ErrAnonymous: the user has no ID, and thus cannot be logged in.
	ErrAnonymous = errors.New("auth: an anonymous user cannot log in; take one from Authenticate or from Users")

	// ErrBackend: AUTHENTICATION_BACKENDS leaves open by which backend the user
	// logs in.
	ErrBackend = errors.New("auth: AUTHENTICATION_BACKENDS has several backends; set User.Backend to the one by which this user logs in")

	// ErrNoPasswordBackend: no backend of AUTHENTICATION_BACKENDS takes passwords.
	ErrNoPasswordBackend = errors.New("auth: no backend of AUTHENTICATION_BACKENDS is known to take a password; say which does with WithBackend")

	// ErrOwnBackend: a backend of the site's own stands before those that take a
	// password, and might stop the login.
	ErrOwnBackend = errors.New("auth: a backend of AUTHENTICATION_BACKENDS that comes first may stop a login; say by WithBackend what it does")

	// ErrReadOnly: the Users cannot do what was asked of them.
	ErrReadOnly = errors.New("auth: Users does not implement PasswordSetter")

	// ErrNoPermissions: the Users know of no permissions.
	ErrNoPermissions = errors.New("auth: Users does not implement PermissionLister")
)

// Reasons why a session is not taken as logged in, as [Verdict] tells them.
var (
	// ErrNotLoggedIn: the session holds no login.
	ErrNotLoggedIn = errors.New("auth: the session holds no login")

	// ErrMalformedID: _auth_user_id cannot be a primary key. Django raises.
	ErrMalformedID = errors.New("auth: the user id in the session is not of the primary key's type")

	// ErrUnknownBackend: _auth_user_backend is not among AUTHENTICATION_BACKENDS.
	ErrUnknownBackend = errors.New("auth: the session's login is by a backend that is not among AUTHENTICATION_BACKENDS")

	// ErrInactive: is_active is false.
	ErrInactive = errors.New("auth: the user is not active")

	// ErrHashMissing: the session holds no hash of the password.
	ErrHashMissing = errors.New("auth: the session's login has no hash of the password")

	// ErrHashMismatch: the hash is not that of the user's password: the password was
	// changed since, or the secret key, or the user model has its own
	// get_session_auth_hash.
	ErrHashMismatch = errors.New("auth: the session's hash of the password does not fit the user: the password or the secret key was changed since, the session was tampered with, " +
		"or the user model has its own get_session_auth_hash, which WithSessionAuthHash describes")

	// ErrHashMalformed: the hash holds what cannot be text. Django raises.
	ErrHashMalformed = errors.New("auth: the session's hash of the password is malformed")
)

// noMiddleware is ErrNoMiddleware.
type noMiddleware struct{}

func (noMiddleware) Error() string {
	return "auth: request did not pass through Logins.Middleware, which goes inside Sessions.Middleware"
}

// Is makes it one of the sessions' errors, too: both are the program's fault, not the visitor's.
func (noMiddleware) Is(target error) bool { return target == django.ErrNoMiddleware }
