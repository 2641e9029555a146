package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"runtime"
)

// ErrReentrant: the request's user was asked for, or changed, by code that runs inside
// the look-up of that very user: a log handler that a Users logs to, for instance. There
// is no answer yet, and to wait for it would be to wait for oneself.
var ErrReentrant = errors.New("auth: the user was asked for inside the look-up of the same user, by Users or by a log handler that they use")

// turnKey marks the context of whoever has the turn of a request.
type turnKey struct{ q *request }

// inTurn runs f while no other look-up or change of the request's user runs. It waits
// for its turn as long as ctx and the sessions' timeout allow.
//
// This is no mutex, since f calls foreign code: the users, and what they log to. That
// may call back, in which case the error is ErrReentrant.
func (l *Logins) inTurn(ctx context.Context, q *request, f func(context.Context) error) error {
	select {
	case q.turn <- struct{}{}:
	default:
		if ctx.Value(turnKey{q}) != nil || hasTurn() {
			return ErrReentrant
		}
		wait, cancel := l.withTimeout(ctx)
		defer cancel()
		select {
		case q.turn <- struct{}{}:
		case <-wait.Done():
			return fmt.Errorf("auth: the user is still being looked up: %w", wait.Err())
		}
	}
	err := q.run(ctx, f)
	// Now that whoever is logged to may ask for the user.
	l.logLeft(ctx, q.takeLeft(), slog.String("method", q.r.Method), slog.String("path", q.r.URL.Path))
	return err
}

// run runs f, which has the turn, and ends that.
func (q *request) run(ctx context.Context, f func(context.Context) error) error {
	defer func() { <-q.turn }()
	return f(context.WithValue(ctx, turnKey{q}, true))
}

var runName = runtime.FuncForPC(reflect.ValueOf((*request).run).Pointer()).Name()

// hasTurn reports whether this goroutine is inside of run. The context does not always
// tell: a log handler may have kept the request from before.
func hasTurn() bool {
	pcs := make([]uintptr, 64)
	n := runtime.Callers(2, pcs)
	for n == len(pcs) {
		pcs = make([]uintptr, 2*len(pcs))
		n = runtime.Callers(2, pcs)
	}
	frames := runtime.CallersFrames(pcs[:n])
	for {
		frame, more := frames.Next()
		if frame.Function == runName {
			return true
		}
		if !more {
			return false
		}
	}
}
