package auth

import (
	"net/http"
	"strings"

	"github.com/djsession/djsession/internal/safeurl"
)

// NextURL returns where a login leads to: the form's or else the query's parameter next,
// if it stays on the request's host (and on HTTPS, if that was asked for), or else
// LOGIN_REDIRECT_URL. So a link to the login page cannot lead elsewhere afterwards.
// Django's LoginView.get_success_url; the check is url_has_allowed_host_and_scheme's.
func (l *Logins) NextURL(r *http.Request) string {
	url, _ := l.CheckNextURL(r)
	return url
}

// RedirectNext redirects to [Logins.NextURL], with 302 as Django does: the last step of a
// login. Unlike http.Redirect it leaves the URL as it is: "/wiki//talk/" stays that, and
// "?page=2" is of the login page.
func (l *Logins) RedirectNext(w http.ResponseWriter, r *http.Request) { redirect(w, l.NextURL(r)) }

// CheckNextURL is [Logins.NextURL], and returns the next that was refused, "" if none was,
// to log it or to ask the visitor. It is what somebody wrote into a link: never redirect
// to it, and escape it where it is shown.
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
