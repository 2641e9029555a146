// Package djsession is the root of a module that lets a Go service and a Django
// site share their sessions. It holds no code; see
//
//   - [github.com/djsession/djsession/django] for settings, sessions and the
//     middleware, which is where to start,
//   - [github.com/djsession/djsession/dbstore] for the sessions of Django's
//     database engine,
//   - [github.com/djsession/djsession/signing] for django.core.signing,
//   - [github.com/djsession/djsession/fixtures] for what real Djangos wrote.
package djsession
