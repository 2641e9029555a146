// Package otelsession makes OpenTelemetry traces and metrics of what happens to sessions
// and logins. It is a module of its own, so that the library does not depend on
// OpenTelemetry.
//
//	observer, err := otelsession.New()
//	sessions, err := django.New(settings, engine, django.WithObserver(observer))
//
// Each operation on the session store, and each login, logout and check of a password, is a
// span inside that of the request, such as "session load". The spans of a database driver
// are inside it. Their attributes are
//
//   - djsession.operation: a django.Operation;
//   - djsession.outcome: a django.Outcome;
//   - djsession.engine: SESSION_ENGINE;
//   - djsession.attempts, of a save: more than 1 if it met another writer or a broken
//     connection;
//   - djsession.cleared, of clear_expired: how many sessions were removed;
//   - error.type, if the operation failed. Then the span's status is an error, with its
//     text. What the visitor causes, such as a cookie of no session or a wrong password, is
//     no error.
//
// The metrics are the counter djsession.session.operations and the histogram
// djsession.session.operation.duration, in seconds, with all attributes but attempts and
// cleared.
//
// No span or metric holds a session key, cookie, password, username, user id or session
// data, unless a django.Store or auth.Users of the program's own puts it into its errors.
package otelsession
