package recipes

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/djsession/djsession/auth"
)

// CoderSocket answers a user's messages until they log out, with coder/websocket, which
// rejects pages of other sites by default. A WebSocket needs that, as browsers send cookies
// with it and there is no CSRF token.
func CoderSocket(site *Site, every time.Duration, answer func(context.Context, auth.User, []byte) []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, session, ok := site.Require(w, r)
		if !ok {
			return
		}
		conn, err := websocket.Accept(w, r, nil) // saves the session and sends its cookie
		if err != nil {
			return // Accept has answered
		}
		defer func() { _ = conn.CloseNow() }()
		conn.SetReadLimit(64 << 10)
		ctx, cancel := site.Watch(r.Context(), session.Key(), user, every)
		defer cancel()
		defer context.AfterFunc(ctx, func() {
			code := websocket.StatusTryAgainLater // a check failed
			if errors.Is(context.Cause(ctx), ErrLoggedOut) {
				code = websocket.StatusPolicyViolation
			}
			_ = conn.Close(code, "log in again")
		})()
		for {
			// Not with ctx: when that ends, Read would close without a reason.
			kind, message, err := conn.Read(r.Context())
			if err != nil {
				return
			}
			reply := answer(ctx, user, message)
			sending, sent := context.WithTimeout(r.Context(), sendTimeout)
			err = conn.Write(sending, kind, reply)
			sent()
			if err != nil {
				return
			}
		}
	}
}
