package django

import (
	"context"
	"sync/atomic"
	"time"
)

// contextKey is the context key of a site's *request, or of the error why none can be had.
type contextKey struct{ codec *Codec }

// requestContext is the context of a request that passed through the middleware. It leads
// to the request and becomes cancelable when somebody asks for Done.
type requestContext struct {
	context.Context // as the middleware got it
	q               *request
	live            atomic.Pointer[cancelable] // nil until then
}

type cancelable struct {
	context.Context
	cancel context.CancelCauseFunc
}

// over is the context of all requests that ended before anybody asked for Done. It has no
// values.
var over = func() *cancelable {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(nil)
	return &cancelable{ctx, cancel}
}()

// start makes the context cancelable.
func (c *requestContext) start() *cancelable {
	if c.live.Load() == nil {
		ctx, cancel := context.WithCancelCause(c.Context)
		if !c.live.CompareAndSwap(nil, &cancelable{ctx, cancel}) {
			cancel(nil)
		}
	}
	return c.live.Load()
}

// current returns the context that holds error, cause and values.
func (c *requestContext) current() context.Context {
	if live := c.live.Load(); live != nil {
		return live.Context
	}
	return c.Context
}

// Value implements context.Context. Derived contexts find the cancelable context inside by
// its own key.
func (c *requestContext) Value(key any) any {
	if key == any(contextKey{c.q.site.codec}) {
		return c.q
	}
	v := c.current().Value(key)
	if v == nil && c.live.Load() == over {
		v = c.Context.Value(key)
	}
	return v
}

// Done implements context.Context.
func (c *requestContext) Done() <-chan struct{} { return c.start().Done() }

// Err implements context.Context.
func (c *requestContext) Err() error { return c.current().Err() }

// fail ends the context because of err.
func (c *requestContext) fail(err error) { c.start().cancel(err) }

// end ends the context, as the server's own ends when the handler returns.
func (c *requestContext) end() {
	if c.Context.Err() == nil {
		c.live.CompareAndSwap(nil, over)
	}
	if live := c.live.Load(); live != nil {
		live.cancel(nil)
	}
}

// loading returns the context in which q's session is loaded. A store that asks for that
// session would wait for itself: it gets errNested. What ends with the load need not be
// canceled with the request, for which the context would have to be made cancelable.
func (q *request) loading(ctx context.Context, deadline time.Time) (context.Context, context.CancelFunc) {
	if c, ok := ctx.(*requestContext); ok {
		ctx = c.Context
	}
	return context.WithDeadline(context.WithValue(ctx, contextKey{q.site.codec}, errNested), deadline)
}
