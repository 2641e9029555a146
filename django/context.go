package django

import (
	"context"
	"sync"
)

// contextKey tells the requests of one site's sessions from another's.
type contextKey struct{ codec *Codec }

// requestContext is the context of a request that passed through the middleware. It
// leads to the request, and can be canceled; what that takes is made only when somebody
// asks for Done.
type requestContext struct {
	context.Context // as the middleware got it
	q               *request

	mu       sync.Mutex
	live     context.Context // nil until somebody waits for the end
	stop     context.CancelCauseFunc
	canceled bool
	cause    error
}

// Value implements context.Context. Contexts that are derived from this one find the
// cancelable context inside it by its own key.
func (c *requestContext) Value(key any) any {
	if k, ok := key.(contextKey); ok && k.codec == c.q.site.codec {
		return c.q
	}
	if live := c.current(); live != nil {
		return live.Value(key)
	}
	return c.Context.Value(key)
}

// Done implements context.Context.
func (c *requestContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.live == nil {
		c.live, c.stop = context.WithCancelCause(c.Context)
		if c.canceled {
			c.stop(c.cause)
		}
	}
	return c.live.Done()
}

// Err implements context.Context.
func (c *requestContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.live != nil:
		return c.live.Err()
	case c.canceled:
		return context.Canceled
	}
	return c.Context.Err()
}

// cancel ends the context.
func (c *requestContext) cancel(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.canceled {
		return
	}
	c.canceled, c.cause = true, cause
	if c.stop != nil {
		c.stop(cause)
	}
}

func (c *requestContext) current() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.live
}
