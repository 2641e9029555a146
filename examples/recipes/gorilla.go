package recipes

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gorilla/websocket"

	"github.com/djsession/djsession/auth"
)

// upgrader's default CheckOrigin rejects pages of other sites. A WebSocket needs that, as
// browsers send cookies with it and there is no CSRF token.
var upgrader websocket.Upgrader

// GorillaSocket answers a user's messages until they log out, with gorilla/websocket.
func GorillaSocket(site *Site, every time.Duration, answer func(context.Context, auth.User, []byte) []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, session, ok := site.Require(w, r)
		if !ok {
			return
		}
		conn, err := upgrader.Upgrade(w, r, nil) // saves the session
		if err != nil {
			return // Upgrade has answered
		}
		defer conn.Close()
		conn.SetReadLimit(64 << 10)
		ctx, cancel := site.Watch(r.Context(), session.Key(), user, every)
		defer cancel()
		defer context.AfterFunc(ctx, func() {
			code := websocket.CloseTryAgainLater // a check failed
			if errors.Is(context.Cause(ctx), ErrLoggedOut) {
				code = websocket.ClosePolicyViolation
			}
			message := websocket.FormatCloseMessage(code, "log in again")
			_ = conn.WriteControl(websocket.CloseMessage, message, time.Now().Add(time.Second))
			_ = conn.Close()
		})()
		for {
			kind, message, err := conn.ReadMessage()
			if err != nil {
				return
			}
			reply := answer(ctx, user, message)
			_ = conn.SetWriteDeadline(time.Now().Add(sendTimeout))
			if err := conn.WriteMessage(kind, reply); err != nil {
				return
			}
		}
	}
}
