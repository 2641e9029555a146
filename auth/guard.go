package auth

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/djsession/djsession/internal/origin"
	"github.com/djsession/djsession/internal/safeurl"
)

// A GuardOption changes what a guard answers to those whom it turns away.
type GuardOption func(*guard)

type guard struct {
	loginURL string
	api      bool
	forbid   bool
}

// WithLoginURL redirects to url instead of LOGIN_URL. The guard panics at once if
// that is no URL to redirect to.
func WithLoginURL(url string) GuardOption { return func(g *guard) { g.loginURL = url } }

// ForAPI answers 401 to those who are not logged in, and 403 to those who are,
// and redirects nobody.
func ForAPI() GuardOption { return func(g *guard) { g.api = true } }

// Forbidding answers 403 to a user who is logged in and still turned away, in
// place of another login, as Django's PermissionRequiredMixin does.
func Forbidding() GuardOption { return func(g *guard) { g.forbid = true } }

// RequireLogin lets through those who are logged in. Others are redirected to
// LOGIN_URL, with the way back in the parameter next; see [ForAPI]. When nobody
// can tell who it is, the request is answered by the sessions' error handler, with
// 503 by default. Django's login_required.
func (l *Logins) RequireLogin(opts ...GuardOption) func(http.Handler) http.Handler {
	return l.RequireUser(User.IsAuthenticated, opts...)
}

// RequireUser lets through those who pass the test, which is asked of anonymous
// visitors, too. Others are redirected as by [Logins.RequireLogin], even if they
// are logged in, unless told otherwise by [Forbidding] or [ForAPI]. Django's
// user_passes_test.
func (l *Logins) RequireUser(test func(User) bool, opts ...GuardOption) func(http.Handler) http.Handler {
	return l.require(func(_ *http.Request, u User) (bool, error) { return test(u), nil }, opts)
}

// RequirePerm lets through those who have all of these permissions; see
// [Logins.HasPerm] and [Logins.RequireUser]. Django's permission_required.
func (l *Logins) RequirePerm(perms []string, opts ...GuardOption) func(http.Handler) http.Handler {
	return l.require(func(r *http.Request, _ User) (bool, error) { return l.HasPerm(r, perms...) }, opts)
}

func (l *Logins) require(test func(*http.Request, User) (bool, error), opts []GuardOption) func(http.Handler) http.Handler {
	g := guard{loginURL: l.settings.LoginURL}
	for _, opt := range opts {
		opt(&g)
	}
	if _, err := safeurl.ToLogin(g.loginURL, "/"); err != nil {
		panic("auth: WithLoginURL: " + err.Error())
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			u, err := l.User(r)
			var ok bool
			if err == nil {
				ok, err = test(r, u)
			}
			switch {
			case err != nil:
				l.sessions.HandleError(w, r, err)
			case ok:
				next.ServeHTTP(w, r)
			default:
				l.turnAway(w, r, u, g)
			}
		})
	}
}

func (l *Logins) turnAway(w http.ResponseWriter, r *http.Request, u User, g guard) {
	switch {
	case u.IsAuthenticated() && (g.api || g.forbid):
		http.Error(w, http.StatusText(http.StatusForbidden), http.StatusForbidden)
	case g.api:
		http.Error(w, http.StatusText(http.StatusUnauthorized), http.StatusUnauthorized)
	default:
		l.redirectToLogin(w, r, g.loginURL)
	}
}

func (l *Logins) redirectToLogin(w http.ResponseWriter, r *http.Request, loginURL string) {
	host, ok := origin.Host(r, &l.settings)
	if !ok { // Django's DisallowedHost
		http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
		return
	}
	// What was asked for, before a mux took a prefix off.
	asked, err := url.ParseRequestURI(r.RequestURI)
	if err != nil {
		asked = r.URL
	}
	target, err := safeurl.ToLogin(loginURL, safeurl.Next(loginURL, origin.Scheme(r, &l.settings), host, asked))
	if err != nil { // the URL is too long to come back to
		http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
		return
	}
	// Not by http.Redirect, which would rewrite it.
	w.Header().Set("Location", target)
	w.WriteHeader(http.StatusFound)
}

// NextURL returns where a login leads to: the form's or else the query's
// parameter next, if it stays on the request's host (and on HTTPS, if that was
// asked for), or else LOGIN_REDIRECT_URL. So a link to the login page cannot lead
// elsewhere afterwards. Django's LoginView.get_success_url; the check is
// url_has_allowed_host_and_scheme's.
func (l *Logins) NextURL(r *http.Request) string {
	const field = "next"
	_ = r.PostFormValue(field) // reads the form; what could not be read has no next
	given, ok := r.PostForm[field]
	if !ok {
		given = r.URL.Query()[field]
	}
	host, known := origin.Host(r, &l.settings)
	// Of several, Django takes the last.
	if n := len(given); n > 0 && known && safeurl.Allowed(given[n-1], []string{host}, origin.IsSecure(r, &l.settings)) {
		return strings.Trim(given[n-1], " ") // as Allowed looks at it, and browsers do
	}
	return l.settings.LoginRedirectURL
}
