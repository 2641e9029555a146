package auth

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"runtime"
	"time"
)

// ErrReentrant: the request's user was asked for, or changed, by code that runs inside
// the look-up of that very user: a log handler that a Users logs to, for instance. The
// look-up would wait for that code, and that code for the look-up.
var ErrReentrant = newProgramError("auth: the user was asked for inside the look-up of the same user, by Users or by a log handler that they use")

// turnKey leads from the context of whoever has the turn of a request to that *turn, so
// that another goroutine with that context gets ErrReentrant too.
type turnKey struct{ q *request }

// turn is one run of inTurn's function. A context may outlive it.
type turn struct{ q *request }

// inTurn runs f while no other look-up or change of the request's user runs. It waits
// for its turn as long as ctx and the sessions' timeout allow.
//
// This is no mutex, since f calls foreign code: the users, and what they log to. That
// may call back, in which case the error is ErrReentrant.
func (l *Logins) inTurn(ctx context.Context, q *request, f func(context.Context) error) error {
	if t, ok := ctx.Value(turnKey{q}).(*turn); ok && q.running(t) {
		return ErrReentrant
	}
	if q.busy() && hasTurn() {
		return ErrReentrant
	}
	if err := q.takeTurn(ctx, l.sessions.Timeout()); err != nil {
		return fmt.Errorf("auth: the user is still being looked up: %w", err)
	}
	err := q.run(ctx, f)
	// After the turn, so that a log handler may ask for the user.
	l.logRejected(ctx, q.takeRejected(), slog.String("method", q.r.Method), slog.String("path", q.r.URL.Path))
	return err
}

// run runs f, which has the turn, and ends that.
func (q *request) run(ctx context.Context, f func(context.Context) error) error {
	t := &turn{q}
	q.mu.Lock()
	q.turn = t
	q.mu.Unlock()
	defer func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.turn = nil
		q.slot.Release()
	}()
	return f(context.WithValue(ctx, turnKey{q}, t))
}

func (q *request) busy() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.slot.Busy()
}

func (q *request) takeTurn(ctx context.Context, most time.Duration) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.slot.Take(ctx, &q.mu, most, "")
}

var runName = runtime.FuncForPC(reflect.ValueOf((*request).run).Pointer()).Name()

// hasTurn reports whether this goroutine is inside of run. The context does not always
// tell: a log handler may have kept the request from before. It is asked only where a turn
// is taken, since slot.Goroutine would cost every request some microseconds.
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

// running reports whether t has not ended.
func (q *request) running(t *turn) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.turn == t
}
