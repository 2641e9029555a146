package dbstore

import (
	"context"
	"net/http"
	"net/netip"
)

// Client is where a request came from, for the columns of [WithUserSessions] and
// [WithQSessions].
type Client struct {
	// UserAgent is the User-Agent header. It is stored up to the length of the column.
	UserAgent string
	// IP is the address; the zero Addr is stored as NULL.
	IP netip.Addr
}

type clientKey struct{}

// WithClient returns a context that says where a request came from. It must be the request's
// context, or an ancestor of it, when the sessions' middleware saves: set it in a middleware
// around Sessions.Middleware. [ClientMiddleware] is one; write your own for a service behind a
// proxy, whose address is in a header.
func WithClient(ctx context.Context, c Client) context.Context {
	return context.WithValue(ctx, clientKey{}, c)
}

// ClientMiddleware calls [WithClient] with the User-Agent and the address of the connection,
// Django's HTTP_USER_AGENT and REMOTE_ADDR.
func ClientMiddleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var agent []rune // as Django has a header: each byte is a character
		for _, b := range []byte(r.UserAgent()) {
			agent = append(agent, rune(b))
		}
		c := Client{UserAgent: string(agent)}
		if addr, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
			c.IP = addr.Addr()
		}
		next.ServeHTTP(w, r.WithContext(WithClient(r.Context(), c)))
	})
}

// write sets the columns user_agent, of the given length in characters, and ip.
func (c Client) write(columns map[string]any, length int) {
	columns["user_agent"], columns["ip"] = first(c.UserAgent, length), nil
	if c.IP.IsValid() {
		columns["ip"] = c.IP.WithZone("").String()
	}
}

// first returns the first n characters of text.
func first(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}
