package django

import (
	"context"
	"sync/atomic"
)

// contextKey tells the requests of one site's sessions from another's.
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

// start makes the context cancelable.
func (c *requestContext) start() *cancelable {
	if live := c.live.Load(); live != nil {
		return live
	}
	ctx, cancel := context.WithCancelCause(c.Context)
	live := &cancelable{ctx, cancel}
	if !c.live.CompareAndSwap(nil, live) {
		cancel(nil)
	}
	return c.live.Load()
}

// current returns the context that holds deadline, cause and values.
func (c *requestContext) current() context.Context {
	if live := c.live.Load(); live != nil {
		return live.Context
	}
	return c.Context
}

// Value implements context.Context. Derived contexts find the cancelable context inside
// by its own key.
func (c *requestContext) Value(key any) any {
	if k, ok := key.(contextKey); ok && k.codec == c.q.site.codec {
		return c.q
	}
	v := c.current().Value(key)
	if v == nil && c.live.Load() == &over { // which has no values
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
	if c.live.Load() == nil && c.Context.Err() != nil {
		return // it has ended already
	}
	if live := c.live.Load(); live != nil || !c.live.CompareAndSwap(nil, &over) {
		c.live.Load().cancel(nil)
	}
}

// over is the context of all requests that ended before anybody asked for Done.
var over = func() cancelable {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(nil)
	return cancelable{ctx, cancel}
}()

// withoutRequest returns the context that the middleware got, if ctx is the request's:
// what ends within the request does not have to be canceled with it.
func withoutRequest(ctx context.Context) context.Context {
	if c, ok := ctx.(*requestContext); ok {
		return c.Context
	}
	return ctx
}

// loadContext is passed to the store to load the session of q.
type loadContext struct {
	context.Context
	q *request
}

// Value implements context.Context.
func (c loadContext) Value(key any) any {
	switch k := key.(type) {
	case contextKey:
		if k.codec == c.q.site.codec {
			return c.q
		}
	case storing:
		if k.of == any(c.q) {
			return true
		}
	}
	return c.Context.Value(key)
}
