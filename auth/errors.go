package auth

import (
	"errors"

	"github.com/djsession/djsession/django"
)

// Errors that a service expects.
var (
	// ErrCredentials does not tell what is wrong, so that nobody can tell the visitor.
	ErrCredentials = errors.New("auth: username and password do not match an active user")

	ErrNoUser = errors.New("auth: no such user")
)

// Errors that only a change of the program or of its settings can prevent. They also match
// django.ErrProgram by errors.Is, and ErrNoMiddleware also matches django.ErrNoMiddleware.
var (
	ErrNoMiddleware error = &programError{
		"auth: request did not pass through Logins.Middleware, which goes inside Sessions.Middleware", django.ErrNoMiddleware}

	ErrNoID              = newProgramError("auth: Users returned a user without ID: it must be the primary key as Django's str(pk) writes it")
	ErrNoPassword        = newProgramError("auth: the user has an empty Password: Users must return the password column as it is stored, or set EmptyPassword if it is stored empty")
	ErrReadOnly          = newProgramError("auth: the password cannot be stored: Users does not implement PasswordSetter")
	ErrNoPermissions     = newProgramError("auth: Users does not implement PermissionLister")
	ErrAnonymous         = newProgramError("auth: an anonymous user cannot log in; pass one from Authenticate or from Users")
	ErrBackend           = newProgramError("auth: AUTHENTICATION_BACKENDS has several backends; set User.Backend to the one by which this user logs in")
	ErrNoPasswordBackend = newProgramError("auth: no backend of AUTHENTICATION_BACKENDS is known to accept passwords; set which does with WithBackend")
	ErrOwnBackend        = newProgramError("auth: a backend of AUTHENTICATION_BACKENDS that comes first may stop a login; describe it with WithBackend")
	ErrReentrant         = newProgramError("auth: the user was asked for inside the look-up of the same user, by Users or by a log handler that they use")
	ErrRequestSession    = newProgramError("auth: the session is the request's own, whose user would not be updated; call Login or Logout")
)

// Reasons why nobody is logged in by a session, see [Verdict]. Django raises an exception
// where the reason is ErrMalformedID or ErrHashMalformed.
var (
	ErrNotLoggedIn    = errors.New("auth: the session holds no login")
	ErrMalformedID    = errors.New("auth: the user id in the session is not of the primary key's type; compare the type of the key, usertable.WithKey, with the user model's")
	ErrUnknownBackend = errors.New("auth: the session's login is by a backend that is not among AUTHENTICATION_BACKENDS; compare them with the site's")
	ErrInactive       = errors.New("auth: the user is not active")
	ErrHashMissing    = errors.New("auth: the session's login has no hash of the password")
	ErrHashMalformed  = errors.New("auth: the session's hash of the password is malformed")
	ErrHashMismatch   = errors.New("auth: the session's hash of the password does not match the user: the password or the secret key was changed since, the session was tampered with, " +
		"or the user model has its own get_session_auth_hash, which WithSessionAuthHash describes")
)

// programError is an error that only a change of the program or its settings can prevent.
type programError struct {
	text  string
	other error // what it also matches; may be nil
}

func newProgramError(text string) error { return &programError{text, nil} }

func (e *programError) Error() string { return e.text }

// Is makes it match django.ErrProgram.
func (e *programError) Is(target error) bool {
	return target == django.ErrProgram || e.other != nil && target == e.other
}
