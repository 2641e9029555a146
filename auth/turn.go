package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/djsession/djsession/internal/slot"
)

// ErrReentrant: the request's user was asked for, or changed, by code that runs inside
// the look-up of that very user: a log handler that a Users logs to, for instance. There
// is no answer yet, and to wait for it would be to wait for oneself.
var ErrReentrant = errors.New("auth: the user was asked for inside the look-up of the same user, by Users or by a log handler that they use")

// turnKey marks the context of whoever has the turn of a request, so that another
// goroutine with that context is told, too.
type turnKey struct{ q *request }

// inTurn runs f while no other look-up or change of the request's user runs. It waits
// for its turn as long as ctx and the sessions' timeout allow.
//
// This is no mutex, since f calls foreign code: the users, and what they log to. That
// may call back, in which case the error is ErrReentrant.
func (l *Logins) inTurn(ctx context.Context, q *request, f func(context.Context) error) error {
	if ctx.Value(turnKey{q}) != nil {
		return ErrReentrant
	}
	me := slot.Goroutine()
	q.mu.Lock()
	err := q.turn.Take(ctx, &q.mu, l.sessions.Timeout(), me)
	if err == nil {
		q.turn.SetOwner(me)
	}
	q.mu.Unlock()
	switch {
	case errors.Is(err, slot.ErrNested):
		return ErrReentrant
	case err != nil:
		return fmt.Errorf("auth: the user is still being looked up: %w", err)
	}
	err = q.run(ctx, f)
	// Now that whoever is logged to may ask for the user.
	l.logLeft(ctx, q.takeLeft(), slog.String("method", q.r.Method), slog.String("path", q.r.URL.Path))
	return err
}

// run runs f, which has the turn, and ends that.
func (q *request) run(ctx context.Context, f func(context.Context) error) error {
	defer func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.turn.Release()
	}()
	return f(context.WithValue(ctx, turnKey{q}, true))
}
