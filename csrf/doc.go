// Package csrf protects forms against requests that another site forged, as
// Django's django.middleware.csrf does. Go and Django share the secret: a form
// that one of them rendered is taken by the other.
//
// [Protection.Middleware] is CsrfViewMiddleware and goes inside the sessions'
// middleware; [Protection.Input] is the template tag {% csrf_token %}, [Protection.Token] is get_token
// and [Protection.RotateToken], for a login, rotate_token.
//
// A request whose method is not GET, HEAD, OPTIONS or TRACE has to show a token
// made from the secret that the browser's cookie holds, or the session under
// CSRF_USE_SESSIONS: in the field csrfmiddlewaretoken of a POST form, or in the
// header X-CSRFToken (CSRF_HEADER_NAME). It also has to come from this site or a
// trusted one: that is what its Origin says, since Django 4.0, or else, over
// HTTPS, its Referer. A token in the query counts for nothing.
//
// # Versions
//
// What is written follows from Settings.DjangoVersion, so that the site's Django
// takes it: before 4.1 masked tokens of 64 characters, from then on the bare
// secret of 32, unless CSRF_COOKIE_MASKED of 4.1 and 4.2 is set. Both forms are
// read from a cookie, a field and the header, as every Django does; in the
// session, versions before 4.1 take the 64 characters only. The form is read as
// that version reads it, with all that package mime refuses. Reasons for a refusal
// are those of the newest Django in every version.
//
// # Where it differs from Django
//
//   - The session is read when a token is asked for or an unsafe request is
//     checked, not with every request. A store that fails is never a missing
//     token: the session's own error handler answers.
//   - A session that holds no usable secret, which Django refuses or fails on for
//     as long as it is there, is refused, too, but gets a new one with the next
//     form.
//   - Methods are told apart by case, as Go does: "get" is checked, and the form
//     of a "post" is not read.
//   - A good token in the header decides, and the body is left alone. Django looks
//     at the form first, and refuses a request with another token there. No other
//     site can set that header.
//   - A form that cannot be received in full, or is too large (see
//     [Protection.Middleware]), is refused as one without a token; of some of these
//     Django answers 400, and so it does to one with more fields than
//     DATA_UPLOAD_MAX_NUMBER_FIELDS. DATA_UPLOAD_MAX_NUMBER_FILES and
//     DATA_UPLOAD_MAX_MEMORY_SIZE are not applied.
//   - Forms are read as UTF-8, whatever charset their Content-Type names.
//   - Origin and Referer are cut down to scheme and host in reasons and logs,
//     since a URL may hold secrets.
package csrf
