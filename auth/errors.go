package auth

import (
	"errors"

	"github.com/djsession/djsession/django"
)

// Errors of this package. Compare with errors.Is. Those that only a change of the program or
// of its settings can prevent are also a django.ErrProgram by errors.Is.
var (
	// ErrNoMiddleware: the request did not pass through [Logins.Middleware]. It also is a
	// django.ErrNoMiddleware by errors.Is.
	ErrNoMiddleware error = &programError{
		"auth: request did not pass through Logins.Middleware, which goes inside Sessions.Middleware", django.ErrNoMiddleware}

	// ErrNoID: the Users returned a user without ID.
	ErrNoID = newProgramError("auth: Users returned a user without ID: it must be the primary key as Django's str(pk) writes it")

	// ErrNoPassword: the Users returned a user without the password field, of which the
	// hash in the session is made.
	ErrNoPassword = newProgramError("auth: the user has an empty Password: Users must return the password column as it is stored, or set EmptyPassword if it is stored empty")

	// ErrCredentials: the username or the password is wrong, or the user is not
	// active. The error does not tell which, so that the visitor cannot be told either.
	ErrCredentials = errors.New("auth: username and password do not match an active user")

	// ErrAnonymous: the user has no ID, and thus cannot be logged in.
	ErrAnonymous = newProgramError("auth: an anonymous user cannot log in; pass one from Authenticate or from Users")

	// ErrBackend: AUTHENTICATION_BACKENDS leaves open by which backend the user
	// logs in.
	ErrBackend = newProgramError("auth: AUTHENTICATION_BACKENDS has several backends; set User.Backend to the one by which this user logs in")

	// ErrNoPasswordBackend: no backend of AUTHENTICATION_BACKENDS accepts passwords.
	ErrNoPasswordBackend = newProgramError("auth: no backend of AUTHENTICATION_BACKENDS is known to accept passwords; set which does with WithBackend")

	// ErrOwnBackend: a backend of the site's own comes before those that accept a
	// password, and might stop the login.
	ErrOwnBackend = newProgramError("auth: a backend of AUTHENTICATION_BACKENDS that comes first may stop a login; describe it with WithBackend")

	// ErrReadOnly: the Users cannot do what was asked of them.
	ErrReadOnly = newProgramError("auth: Users does not implement PasswordSetter")

	// ErrNoPermissions: the Users know of no permissions.
	ErrNoPermissions = newProgramError("auth: Users does not implement PermissionLister")

	// ErrRequestSession: [Logins.LoginSession] or [Logins.LogoutSession] was called with the
	// session of the request to which its context belongs.
	ErrRequestSession = newProgramError("auth: the session is the request's own, whose user would not be updated; call Login or Logout")
)

// Reasons why a session is not accepted as logged in, see [Verdict].
var (
	// ErrNotLoggedIn: the session holds no login.
	ErrNotLoggedIn = errors.New("auth: the session holds no login")

	// ErrMalformedID: _auth_user_id cannot be a primary key. Django raises.
	ErrMalformedID = errors.New("auth: the user id in the session is not of the primary key's type; compare the type of the key, usertable.WithKey, with the user model's")

	// ErrUnknownBackend: _auth_user_backend is not among AUTHENTICATION_BACKENDS.
	ErrUnknownBackend = errors.New("auth: the session's login is by a backend that is not among AUTHENTICATION_BACKENDS; compare them with the site's")

	// ErrInactive: is_active is false.
	ErrInactive = errors.New("auth: the user is not active")

	// ErrHashMissing: the session holds no hash of the password.
	ErrHashMissing = errors.New("auth: the session's login has no hash of the password")

	// ErrHashMismatch: the hash is not that of the user's password: the password was
	// changed since, or the secret key, or the user model has its own
	// get_session_auth_hash.
	ErrHashMismatch = errors.New("auth: the session's hash of the password does not match the user: the password or the secret key was changed since, the session was tampered with, " +
		"or the user model has its own get_session_auth_hash, which WithSessionAuthHash describes")

	// ErrHashMalformed: the hash holds what cannot be text. Django raises.
	ErrHashMalformed = errors.New("auth: the session's hash of the password is malformed")
)

// programError is an error that only a change of the program or its settings can prevent.
type programError struct {
	text  string
	other error // what it also is by errors.Is; may be nil
}

func newProgramError(text string) error { return &programError{text, nil} }

func (e *programError) Error() string { return e.text }

// Is makes it a django.ErrProgram.
func (e *programError) Is(target error) bool {
	return target == django.ErrProgram || e.other != nil && target == e.other
}
