package django

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/djsession/djsession/internal/fault"
	"github.com/djsession/djsession/internal/slot"
)

var (
	errInUpdate     = fault.New("django: Save or Flush called inside Update, which saves the session itself", ErrProgram)
	errNested       = fault.New("django: called inside Update of the same session, or by its store: change the session that the function was given", ErrProgram)
	errNewKeyUpdate = fault.New("django: the function of Sessions.Update made a new session key, which the caller would not learn: use UpdateRequest, or Load and Save", ErrProgram)
)

// Update loads the session under key, calls f with it and saves it. If another writer saved
// it meanwhile, f is called again with what is stored now, until the save succeeds or ctx
// ends. So no change is lost between Go processes that use Update, even under the same key.
// Django's own save can still overwrite it.
//
//	err := sessions.Update(ctx, key, func(s *django.Session) error {
//		n, err := django.Value(s, "visits", 0)
//		if err != nil {
//			return err
//		}
//		return s.Set("visits", n+1)
//	})
//
// f may be called several times. It should only read and change the session that it is
// given; to save, flush or update the same session inside f is an error, and so is a new
// key, which the caller would not learn. If f changes nothing, returns an error or panics,
// nothing is saved.
//
// The error is [ErrNotFound] if there is no session, [ErrInterrupted] if it was deleted
// meanwhile, and otherwise as that of [Sessions.Load]. After [ErrOutcomeUnknown] f's
// changes were saved once or not at all, after any other error not. Updates of one session
// by one Sessions wait for each other. Safe for concurrent use.
func (st SessionStore) Update(ctx context.Context, key string, f func(*Session) error) error {
	if !validKey(key) {
		return ErrNotFound
	}
	me := slot.Goroutine()
	leave, err := st.queues.enter(ctx, key, me)
	if err != nil {
		return err
	}
	defer leave()
	s, err := st.Load(ctx, key)
	if err != nil {
		return err
	}
	return s.update(ctx, &updating{f: f, me: me})
}

// UpdateRequest is Update for the session of r: for what must not be lost between two
// requests of one visitor, such as a cart, a counter or a one-time token. It saves at once
// both what was changed before and what f changes in the session that it is given. A new
// session is created unless it stays empty.
//
// When UpdateRequest returns nil, the session of [Sessions.Get] has the outcome, and the
// response gets its cookie (for a new session unless the status is 5xx). On an error, the
// handler calls [Sessions.HandleError] and returns. If the store failed, the whole request
// fails: the middleware answers 503 whatever the handler does. If nothing was stored
// because of what f did, because the response's headers were sent ([ErrHeadersSent]), or
// because a context derived from the request's ended, only this update fails and the
// session is as before.
//
// It ends with the deadline of r's context and after [WithTimeout], not when the client
// disconnects.
func (ss *Sessions) UpdateRequest(r *http.Request, f func(*Session) error) error {
	q, err := ss.request(r.Context())
	if err != nil {
		return err
	}
	s, err := q.load(r.Context())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithDeadline(context.WithoutCancel(r.Context()), q.deadline(r.Context()))
	defer cancel()
	u := updating{f: f, me: slot.Goroutine(), newKey: true}
	err = s.updateInTurn(ctx, &u)
	if err != nil && !u.own && !q.late(r.Context(), err) {
		s.fail(err)
	}
	return err
}

// late reports whether an update failed because the deadline of ctx, a context derived from
// the request's, passed, while the request's own did not.
func (q *request) late(ctx context.Context, err error) bool {
	return errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, ErrOutcomeUnknown) && passed(ctx) && !passed(&q.context)
}

func passed(ctx context.Context) bool {
	d, ok := ctx.Deadline()
	return ok && !time.Now().Before(d)
}
