package auth

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/djsession/djsession/internal/safeurl"
)

// NextURL returns where a login leads to: the form's or else the query's parameter next, if
// it stays on the request's host, and on HTTPS if the request does; else LOGIN_REDIRECT_URL.
// Django's LoginView.get_success_url; the check is url_has_allowed_host_and_scheme's.
func (l *Logins) NextURL(r *http.Request) string {
	url, _ := l.CheckNextURL(r)
	return url
}

// RedirectNext redirects to [Logins.NextURL] with 302, as Django does: the last step of a
// login. It does not change the URL, as http.Redirect does: "/wiki//talk/" stays that, and
// "?page=2" is relative to the login page.
func (l *Logins) RedirectNext(w http.ResponseWriter, r *http.Request) { redirect(w, l.NextURL(r)) }

// CheckNextURL is [Logins.NextURL], and also returns the next that was refused, "" if none
// was, for the log or to ask the visitor. Anybody may have written it: never redirect to it,
// and escape it where it is shown.
func (l *Logins) CheckNextURL(r *http.Request) (url, refused string) {
	const field = "next"
	_ = r.PostFormValue(field) // reads the form; what could not be read has no next
	given, ok := r.PostForm[field]
	if !ok {
		given = r.URL.Query()[field]
	}
	if len(given) == 0 {
		return l.settings.LoginRedirectURL, ""
	}
	next := given[len(given)-1] // of several, Django takes the last
	host, known := l.origin.Host(r)
	if known && safeurl.Allowed(next, []string{host}, l.origin.IsSecure(r)) {
		return strings.Trim(next, " "), "" // as Allowed looks at it, and browsers do
	}
	return l.settings.LoginRedirectURL, next
}

// redirectToLogin redirects to the login page, with the way back to r. It answers 400 if the
// host is not allowed, as Django's DisallowedHost, or if the URL is too long to come back to.
func (l *Logins) redirectToLogin(w http.ResponseWriter, r *http.Request, loginURL string) {
	asked, err := url.ParseRequestURI(r.RequestURI) // before a mux took a prefix off
	if err != nil {
		asked = r.URL
	}
	host, ok := l.origin.Host(r)
	target, err := safeurl.ToLogin(loginURL, safeurl.Next(loginURL, l.origin.Scheme(r), host, asked))
	if !ok || err != nil {
		http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
		return
	}
	redirect(w, target)
}

// redirect redirects to a URL as it is, where http.Redirect would clean its path.
func redirect(w http.ResponseWriter, url string) {
	w.Header().Set("Location", safeurl.Location(url))
	w.WriteHeader(http.StatusFound)
}
