// Package djsession is the root of a module that lets a Go service and a Django
// site share their sessions. It has no code; the packages are:
//
//   - [github.com/djsession/djsession/django]: settings, sessions and the middleware.
//     Start here.
//   - [github.com/djsession/djsession/dbstore]: the sessions of Django's database
//     engine.
//   - [github.com/djsession/djsession/cachestore]: those of the engines cache and
//     cached_db. The caches are [github.com/djsession/djsession/cachestore/rediscache],
//     with [github.com/djsession/djsession/cachestore/djangoredis] for sites with
//     django-redis, [github.com/djsession/djsession/cachestore/memcached],
//     [github.com/djsession/djsession/cachestore/dbcache] and
//     [github.com/djsession/djsession/cachestore/filecache].
//   - [github.com/djsession/djsession/filestore]: those of the file engine.
//   - [github.com/djsession/djsession/cookiestore]: those of the signed_cookies engine.
//   - [github.com/djsession/djsession/memstore]: sessions in memory, for the tests of
//     a service.
//   - [github.com/djsession/djsession/auth]: who is logged in, login, logout and
//     permissions, as in django.contrib.auth.
//   - [github.com/djsession/djsession/auth/usertable]: the users of auth in the
//     site's own table.
//   - [github.com/djsession/djsession/auth/hashers]: Django's password hashers.
//   - [github.com/djsession/djsession/csrf]: forms that both sides accept, as with
//     Django's CsrfViewMiddleware.
//   - [github.com/djsession/djsession/messages]: flash messages that both sides add and
//     show, as in django.contrib.messages.
//   - [github.com/djsession/djsession/signing]: django.core.signing.
//   - [github.com/djsession/djsession/serializer]: a session's values as JSON
//     and as pickles, as Python reads and writes them.
//   - [github.com/djsession/djsession/django/storetest]: the tests of a session store,
//     for those who write one.
//   - [github.com/djsession/djsession/djangotest]: a site in memory, or a real Django,
//     for the tests of a service.
//   - [github.com/djsession/djsession/otelsession]: traces and metrics of OpenTelemetry, a
//     module of its own.
//   - [github.com/djsession/djsession/fixtures]: what real Djangos wrote, for tests.
//
// The command [github.com/djsession/djsession/cmd/djsession] reads and changes
// sessions in a terminal. The examples below show one task each, and the directory
// examples holds programs.
package djsession
