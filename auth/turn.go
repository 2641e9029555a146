package auth

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"runtime"
	"time"
)

// turn is one run of inTurn's function, and the context that it gets, which may outlive it.
type turn struct {
	context.Context
	q *request
}

// turnKey is the context key of the *turn of a request.
type turnKey struct{ q *request }

// Value implements context.Context.
func (t *turn) Value(key any) any {
	if key == any(turnKey{t.q}) {
		return t
	}
	return t.Context.Value(key)
}

// inTurn runs f while no other look-up or change of the request's user runs. It waits
// for its turn as long as ctx and the sessions' timeout allow.
//
// This is no mutex, since f calls foreign code: the users, and what they log to. If that
// code calls back, the error is ErrReentrant.
func (l *Logins) inTurn(ctx context.Context, q *request, f func(context.Context) error) error {
	t := &turn{ctx, q}
	if err := q.begin(ctx, t, l.sessions.Timeout()); err != nil {
		return err
	}
	rejected, err := q.run(t, f)
	// After the turn, so that a log handler may ask for the user.
	l.logRejected(ctx, rejected, slog.String("method", q.r.Method), slog.String("path", q.r.URL.Path))
	return err
}

// begin waits for the turn.
func (q *request) begin(ctx context.Context, t *turn, timeout time.Duration) error {
	outer, nested := ctx.Value(turnKey{q}).(*turn)
	if nested && outer == q.turn.Load() || q.slot.Busy() && insideRun() {
		return ErrReentrant
	}
	if err := q.slot.Take(ctx, timeout, ""); err != nil {
		return fmt.Errorf("auth: the user is still being looked up: %w", err)
	}
	q.turn.Store(t)
	return nil
}

// run runs f, which has the turn, and ends the turn.
func (q *request) run(ctx context.Context, f func(context.Context) error) (rejected *rejection, err error) {
	defer func() {
		rejected, q.rejected = q.rejected, nil
		q.turn.Store(nil)
		q.slot.Release()
	}()
	return nil, f(ctx)
}

var runName = runtime.FuncForPC(reflect.ValueOf((*request).run).Pointer()).Name()

// insideRun reports whether this goroutine is inside run. The context does not always
// tell: a log handler may have kept a request from before. To note the goroutine of each
// turn instead would cost every request some microseconds.
func insideRun() bool {
	pcs := make([]uintptr, 1024)
	n := runtime.Callers(2, pcs)
	for n == len(pcs) {
		pcs = make([]uintptr, 2*n)
		n = runtime.Callers(2, pcs)
	}
	frames := runtime.CallersFrames(pcs[:n])
	for {
		frame, more := frames.Next()
		if frame.Function == runName || !more {
			return frame.Function == runName
		}
	}
}
