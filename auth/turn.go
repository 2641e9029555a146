package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/djsession/djsession/internal/slot"
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
	me := slot.Goroutine()
	q.mu.Lock()
	err := q.slot.Take(ctx, &q.mu, l.sessions.Timeout(), me)
	if err == nil {
		q.slot.SetOwner(me)
	}
	q.mu.Unlock()
	switch {
	case errors.Is(err, slot.ErrNested):
		return ErrReentrant
	case err != nil:
		return fmt.Errorf("auth: the user is still being looked up: %w", err)
	}
	err = q.run(ctx, f)
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

// running reports whether t has not ended.
func (q *request) running(t *turn) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.turn == t
}
