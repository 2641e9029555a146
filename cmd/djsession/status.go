package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

// The exit statuses that scripts rely on.
const (
	statusDone     = 0
	statusNegative = 1   // no such session, data that cannot be read, not logged in
	statusFailed   = 2   // wrong usage, or a failure
	statusSignal   = 128 // plus the number of the signal that ended the command
)

// negative is a negative answer: the command worked, and the answer is no.
type negative struct{ err error }

func (n *negative) Error() string { return n.err.Error() }
func (n *negative) Unwrap() error { return n.err }

// answerNo returns an error for [statusNegative].
func answerNo(format string, args ...any) error {
	return &negative{fmt.Errorf(format, args...)}
}

// errReported is in an error that has already been reported.
var errReported = errors.New("reported")

func statusOf(err error) int {
	if ended, ok := errors.AsType[errSignal](err); ok {
		return statusSignal + int(ended.signal)
	}
	if errors.Is(err, context.Canceled) {
		return statusSignal + int(syscall.SIGINT)
	}
	if _, ok := errors.AsType[*negative](err); ok {
		return statusNegative
	}
	if _, ok := errors.AsType[*unreadableError](err); ok {
		return statusNegative
	}
	for _, answer := range []error{django.ErrNotFound, django.ErrInterrupted, django.ErrCorrupt, django.ErrUnreadable, auth.ErrCredentials} {
		if errors.Is(err, answer) {
			return statusNegative
		}
	}
	return statusFailed
}

// explain returns an error's text, reworded if the library's is for programmers. It may
// hold secrets and several lines; see [app.message].
func explain(err error) string {
	database, isDatabase := errors.AsType[*dbstore.Error](err)
	connection, isConnection := connectionFailure(err)
	switch {
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.Is(err, django.ErrNotFound):
		return "no such session, or it has expired"
	case errors.Is(err, django.ErrInterrupted):
		return "the session was deleted meanwhile; nothing was saved"
	case isConnection:
		return connection
	case isDatabase && database.Kind == dbstore.KindUndefined && database.Package == "dbstore":
		return fmt.Sprintf("table %q is missing or is not one of Django's session tables; run the site's migrations, or name the table with --table", database.Table)
	case isDatabase && database.Kind == dbstore.KindUndefined:
		return fmt.Sprintf("table %q is missing or lacks a column of the user model; run the site's migrations, or describe the model with --user-table, --user-id-column, --username-column, --user-password-column and --user-active-column", database.Table)
	case errors.Is(err, auth.ErrHashMismatch):
		return "the session's hash does not match the user: the password or the secret key was changed since, the session was tampered with, or the user model has its own get_session_auth_hash, which DJANGO_AUTH_HASH_VALUE and DJANGO_AUTH_HASH_SALT describe"
	case errors.Is(err, auth.ErrOwnBackend):
		return "a custom backend comes first in AUTHENTICATION_BACKENDS and might refuse the login; log in at Django"
	case errors.Is(err, auth.ErrNoPasswordBackend):
		return "no known backend in AUTHENTICATION_BACKENDS accepts a password; log in at Django"
	}
	return strings.TrimPrefix(err.Error(), "auth: ")
}
