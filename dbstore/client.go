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

// WithClient returns a context that says where a request came from. It must be the context of
// the request, or an ancestor of it, when the sessions' middleware saves: set it in a middleware around
// Sessions.Middleware. [ClientMiddleware] is one; write your own for a service behind a proxy, whose
// address is in a header.
func WithClient(ctx context.Context, c Client) context.Context {
	return context.WithValue(ctx, clientKey{}, c)
}

// ClientMiddleware puts the User-Agent and the address of the connection into the
// request's context, as [WithClient] does. Both are what Django has as HTTP_USER_AGENT
// and REMOTE_ADDR.
func ClientMiddleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := Client{UserAgent: latin1(r.UserAgent())}
		if addr, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
			c.IP = addr.Addr()
		}
		next.ServeHTTP(w, r.WithContext(WithClient(r.Context(), c)))
	})
}

// latin1 returns a header as Django has it: each byte is a character.
func latin1(header string) string {
	text := make([]rune, 0, len(header))
	for i := range len(header) {
		text = append(text, rune(header[i]))
	}
	return string(text)
}

// columns returns the values of the columns user_agent, of the given length in
// characters, and ip.
func (c Client) columns(length int) map[string]any {
	columns := map[string]any{"user_agent": first(c.UserAgent, length), "ip": nil}
	if c.IP.IsValid() {
		columns["ip"] = c.IP.WithZone("").String()
	}
	return columns
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
