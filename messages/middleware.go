package messages

import (
	"context"
	"net/http"

	"github.com/djsession/djsession/internal/response"
)

// Middleware stores the messages of every request before the response headers are sent. It
// must be inside the sessions' middleware, unless MESSAGE_STORAGE is CookieStorage; otherwise
// Get, Add and SetLevel return an error. Django's MessageMiddleware.
//
// Nothing is stored if the handler panics. A cookie "messages" that the handler sets, a
// proxied Django for instance, is kept. If the messages cannot be stored, the sessions'
// error handler answers in place of the handler.
//
// Handlers may stream, flush and hijack; one that hijacks must send w.Header() itself.
func (m *Messages) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if outer, _ := r.Context().Value(contextKey{m.sessions}).(*request); outer != nil {
			next.ServeHTTP(w, r) // the middleware outside stores them
			return
		}
		q := &request{m: m, level: m.settings.MessageLevel}
		if m.storage != cookieStorage && !m.sessions.Serves(r.Context()) {
			q.misplaced = errOrder
		}
		q.r = r.WithContext(context.WithValue(r.Context(), contextKey{m.sessions}, q))
		defer response.HandBack(r, q.r)
		out := new(response.Response)
		out.Start(w, q)
		next.ServeHTTP(out.Wrap(), q.r)
		out.Finish()
	})
}
