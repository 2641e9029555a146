// Package csrf protects forms against requests that another site forges, as Django's
// django.middleware.csrf does. Go and Django share the secret: each accepts the forms
// that the other rendered.
//
//	forms, err := csrf.New(sessions)
//	handler := sessions.Middleware(forms.Middleware(mux)) // the order of MIDDLEWARE
//
//	input, err := forms.Input(r) // {% csrf_token %}, in a handler
//
// A request whose method is not GET, HEAD, OPTIONS or TRACE must have a token of the
// secret that the browser's cookie holds (with CSRF_USE_SESSIONS, the session): in the
// field csrfmiddlewaretoken of a POST form or in the header X-CSRFToken
// (CSRF_HEADER_NAME), not in the query. It must also come from this site or a trusted
// one, by its Origin (since Django 4.0) or, over HTTPS, by its Referer.
//
// What is stored, and how a form is read, follows Settings.DjangoVersion; the reasons for
// a rejection are those of the newest Django. Intended differences from Django are in
// docs/csrf.md.
package csrf
