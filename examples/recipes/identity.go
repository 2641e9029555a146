package recipes

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/djsession/djsession/auth"
)

// The headers that tell a backend who is logged in. Their values are percent-encoded, as a
// user name may hold any character.
const (
	userIDHeader   = "X-User-Id"
	userNameHeader = "X-User-Name"
)

// SetIdentity replaces a request's or response's identity headers by those of user, who may
// be anonymous. X_User_Id counts as X-User-Id, since many servers do not tell them apart.
func SetIdentity(h http.Header, user auth.User) {
	for name := range h {
		switch http.CanonicalHeaderKey(strings.ReplaceAll(name, "_", "-")) {
		case userIDHeader, userNameHeader:
			delete(h, name)
		}
	}
	if user.IsAuthenticated() {
		h.Set(userIDHeader, url.PathEscape(user.ID))
		h.Set(userNameHeader, url.PathEscape(user.Username))
	}
}
