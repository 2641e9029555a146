package auth

import (
	"errors"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/fault"
)

// Errors that a service expects. HandleError answers them with 403 and 404.
var (
	// ErrCredentials does not say what is wrong, so that an answer cannot reveal it.
	ErrCredentials = fault.New("auth: username and password do not match an active user", fault.Forbidden)

	ErrNoUser = fault.New("auth: no such user", fault.NotFound)
)

// Errors that only a change of the program or of its settings can prevent. They also match
// django.ErrProgram by errors.Is, and ErrNoMiddleware also matches django.ErrNoMiddleware.
var (
	ErrNoMiddleware = fault.New("auth: request did not pass through Logins.Middleware, which goes inside Sessions.Middleware", django.ErrNoMiddleware)

	ErrNoID              = fault.New("auth: Users returned a user without ID: it must be the primary key as Django's str(pk) writes it", django.ErrProgram)
	ErrNoPassword        = fault.New("auth: the user has an empty Password: Users must return the password column as it is stored, or set EmptyPassword if it is stored empty", django.ErrProgram)
	ErrReadOnly          = fault.New("auth: the password cannot be stored: Users does not implement PasswordSetter", django.ErrProgram)
	ErrNoPermissions     = fault.New("auth: Users does not implement PermissionLister", django.ErrProgram)
	ErrAnonymous         = fault.New("auth: an anonymous user cannot log in; pass one from Authenticate or from Users", django.ErrProgram)
	ErrBackend           = fault.New("auth: AUTHENTICATION_BACKENDS has several backends; set User.Backend to the one by which this user logs in", django.ErrProgram)
	ErrNoPasswordBackend = fault.New("auth: no backend of AUTHENTICATION_BACKENDS is known to accept passwords; set which does with WithBackend", django.ErrProgram)
	ErrOwnBackend        = fault.New("auth: a backend of AUTHENTICATION_BACKENDS that comes first may stop a login; describe it with WithBackend", django.ErrProgram)
	ErrReentrant         = fault.New("auth: the user was asked for inside the look-up of the same user, by Users or by a log handler that they use", django.ErrProgram)
	ErrRequestSession    = fault.New("auth: the session is the request's own, whose user would not be updated; call Login or Logout", django.ErrProgram)
)

// Reasons why nobody is logged in by a session, see [Verdict]. Django raises an exception
// where the reason is ErrMalformedID or ErrHashMalformed. ErrNotLoggedIn is also an error of
// [Logins.ChangePassword], for instance, which HandleError answers 403.
var (
	ErrNotLoggedIn    = fault.New("auth: the session holds no login", fault.Forbidden)
	ErrMalformedID    = errors.New("auth: the user id in the session is not of the primary key's type; compare the type of the key, usertable.WithKey, with the user model's")
	ErrUnknownBackend = errors.New("auth: the session's login is by a backend that is not among AUTHENTICATION_BACKENDS; compare them with the site's")
	ErrInactive       = errors.New("auth: the user is not active")
	ErrHashMissing    = errors.New("auth: the session's login has no hash of the password")
	ErrHashMalformed  = errors.New("auth: the session's hash of the password is malformed")
	ErrHashMismatch   = errors.New("auth: the session's hash of the password does not match the user: the password or the secret key was changed since, the session was tampered with, " +
		"or the user model has its own get_session_auth_hash, which WithSessionAuthHash describes")
)
