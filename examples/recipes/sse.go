package recipes

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/djsession/djsession/auth"
)

// Events streams a user's events as server-sent events, each one line of text such as JSON,
// until they log out. subscribe returns a channel of them, and sends until its context ends.
func Events(site *Site, every time.Duration, subscribe func(context.Context, auth.User) <-chan string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, session, ok := site.Require(w, r)
		if !ok {
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Accel-Buffering", "no") // by nginx
		out := http.NewResponseController(w)
		send := func(text string) error {
			_ = out.SetWriteDeadline(time.Now().Add(sendTimeout)) // in place of the server's WriteTimeout
			defer func() { _ = out.SetWriteDeadline(time.Time{}) }()
			fmt.Fprint(w, text)
			return out.Flush()
		}
		if err := send(""); err != nil { // saves the session and sends its cookie
			return
		}
		ctx, cancel := site.Watch(r.Context(), session.Key(), user, every)
		defer cancel()
		events := subscribe(ctx, user)
		for ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case event, ok := <-events:
				if !ok {
					return
				}
				if err := send("data: " + event + "\n\n"); err != nil {
					return
				}
			}
		}
		if errors.Is(context.Cause(ctx), ErrLoggedOut) {
			_ = send("event: logout\ndata:\n\n") // the page closes its EventSource
		}
	}
}
