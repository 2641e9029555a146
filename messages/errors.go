package messages

import (
	"errors"
	"fmt"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/fault"
)

// ErrNoMiddleware is returned for a request that did not pass through
// [Messages.Middleware] of the site. It also matches django.ErrNoMiddleware, as does the error
// if that middleware is not inside Sessions.Middleware.
var ErrNoMiddleware = fault.New("messages: request did not pass through Messages.Middleware", django.ErrNoMiddleware)

var (
	errOrder       = fault.New("messages: Messages.Middleware is not inside Sessions.Middleware, which MESSAGE_STORAGE needs: call sessions.Middleware(messages.Middleware(handler))", django.ErrNoMiddleware)
	errHeadersSent = errors.New("messages: the cookie cannot be set any more: the response headers were sent: call Get and Add before the first write")
	errForeign     = errors.New("messages: the response sets the cookie itself, which is kept")
)

// unreadable is the error of a session whose messages cannot be read. They are kept:
// Django may be able to read them.
func unreadable(err error) error {
	return fmt.Errorf("messages: the session's %s: %w: %w", sessionKey, django.ErrUnreadable, err)
}
