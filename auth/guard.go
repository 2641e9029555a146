package auth

import (
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/djsession/djsession/internal/safeurl"
)

// A GuardOption changes how a guard answers the requests that it rejects.
type GuardOption func(*guard)

type guard struct {
	logins   *Logins
	test     func(*http.Request, User) (bool, error)
	loginURL string
	denied   http.Handler
	api      bool
	forbid   bool
}

// WithLoginURL redirects to url instead of LOGIN_URL. The guard panics when it is made if url
// is invalid.
func WithLoginURL(url string) GuardOption { return func(g *guard) { g.loginURL = url } }

// WithDenied lets h answer the requests that the guard rejects, instead of a redirect or another
// option's answer. In h, [Logins.User] is anonymous if nobody is logged in. It panics if h is
// nil.
func WithDenied(h http.Handler) GuardOption {
	if h == nil {
		panic("auth: WithDenied needs a handler")
	}
	return func(g *guard) { g.denied = h }
}

// ForAPI answers with JSON instead of a redirect: 401 to those who are not logged in, and 403
// to those who are, with the reason under "detail". The 401 has the header WWW-Authenticate:
// Session, a scheme for which browsers do not ask for a password. If the sessions' error
// handler answers in plain text, that becomes such an object, too.
func ForAPI() GuardOption { return func(g *guard) { g.api = true } }

// Forbidding answers 403 to a user who is logged in but rejected, instead of a redirect to
// the login page, as Django's PermissionRequiredMixin does.
func Forbidding() GuardOption { return func(g *guard) { g.forbid = true } }

// RequireLogin lets through those who are logged in, and redirects others to LOGIN_URL, with
// the way back in the parameter next; see [ForAPI]. If it is unknown who is logged in, the
// sessions' HandleError answers. Django's login_required.
func (l *Logins) RequireLogin(opts ...GuardOption) func(http.Handler) http.Handler {
	return l.RequireUser(User.IsAuthenticated, opts...)
}

// RequireUser lets through those who pass the test, which is also called with anonymous
// visitors. Others are redirected as by [Logins.RequireLogin], even if they are logged in,
// unless [Forbidding] or [ForAPI] is given. It panics if test is nil. Django's
// user_passes_test.
func (l *Logins) RequireUser(test func(User) bool, opts ...GuardOption) func(http.Handler) http.Handler {
	if test == nil {
		panic("auth: RequireUser needs a test")
	}
	return l.require(func(_ *http.Request, u User) (bool, error) { return test(u), nil }, opts)
}

// RequirePerm lets through those who have all of these permissions; see [Logins.HasPerm] and
// [Logins.RequireUser]. It panics without a permission, or with an empty one. Django's
// permission_required.
func (l *Logins) RequirePerm(perms []string, opts ...GuardOption) func(http.Handler) http.Handler {
	if len(perms) == 0 || slices.Contains(perms, "") {
		panic("auth: RequirePerm: no permission, or an empty one: name what the handler needs, or use RequireLogin")
	}
	perms = slices.Clone(perms)
	return l.require(func(r *http.Request, _ User) (bool, error) { return l.HasPerm(r, perms...) }, opts)
}

func (l *Logins) require(test func(*http.Request, User) (bool, error), opts []GuardOption) func(http.Handler) http.Handler {
	g := &guard{logins: l, test: test, loginURL: l.settings.LoginURL}
	for _, opt := range opts {
		opt(g)
	}
	if _, err := safeurl.ToLogin(g.loginURL, "/"); err != nil {
		panic("auth: WithLoginURL: " + err.Error())
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.serve(w, r, next) })
	}
}

func (g *guard) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	u, err := g.logins.User(r)
	ok := false
	if err == nil {
		ok, err = g.test(r, u)
	}
	switch {
	case err != nil && g.api:
		g.logins.sessions.HandleError(&jsonErrors{ResponseWriter: w}, r, err)
	case err != nil:
		g.logins.sessions.HandleError(w, r, err)
	case ok:
		next.ServeHTTP(w, r)
	case g.denied != nil:
		g.denied.ServeHTTP(w, r)
	case g.api && u.IsAuthenticated():
		jsonError(w, http.StatusForbidden, "You do not have permission to do this.")
	case g.api:
		w.Header().Set("WWW-Authenticate", "Session")
		jsonError(w, http.StatusUnauthorized, "You are not logged in.")
	case g.forbid && u.IsAuthenticated():
		http.Error(w, http.StatusText(http.StatusForbidden), http.StatusForbidden)
	default:
		g.logins.redirectToLogin(w, r, g.loginURL)
	}
}

func jsonError(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"detail":"`+detail+`"}`+"\n")
}

// jsonErrors replaces an answer in plain text by a JSON object.
type jsonErrors struct {
	http.ResponseWriter
	replaced bool
}

// Unwrap is for http.ResponseController.
func (w *jsonErrors) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *jsonErrors) WriteHeader(status int) {
	if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.replaced = true
	w.Header().Del("Content-Length") // of the text
	jsonError(w.ResponseWriter, status, http.StatusText(status))
}

func (w *jsonErrors) Write(b []byte) (int, error) {
	if w.replaced {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}
