package recipes

import (
	"net/http"
	"net/url"
)

// ForwardAuth answers a proxy that asks, with the headers of each request, who is logged in:
// 204 with the identity headers, 503 if it is unknown, else denied: 401 for nginx's
// auth_request, 302 for Traefik's ForwardAuth. The header Location then leads to the login.
// It goes inside site.Middleware. It renews no session, since such a proxy would not pass
// the new cookie on.
func ForwardAuth(site *Site, denied int) http.HandlerFunc {
	login := site.Sessions.Settings().LoginURL
	return func(w http.ResponseWriter, r *http.Request) {
		session, err := site.Sessions.Get(r)
		if err != nil {
			site.Sessions.HandleError(w, r, err)
			return
		}
		verdict, err := site.Logins.Inspect(r.Context(), session)
		if err != nil {
			site.Sessions.HandleError(w, r, err)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		if !verdict.User.IsAuthenticated() {
			next := url.Values{"next": {r.Header.Get("X-Forwarded-Uri")}}
			w.Header().Set("Location", login+"?"+next.Encode())
			w.WriteHeader(denied)
			return
		}
		SetIdentity(w.Header(), verdict.User)
		w.WriteHeader(http.StatusNoContent)
	}
}
