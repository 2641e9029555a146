package django

import (
	"context"
	"log/slog"
	"time"

	"github.com/djsession/djsession/serializer"
)

// An Observation is a running operation that is told to the [Observer] and the log. It is
// nil if neither wants to know; its methods then do nothing. It is for one goroutine.
type Observation struct {
	site   *site
	ctx    context.Context // that Start returned
	begun  time.Time
	event  Event
	merged bool
}

// Observe begins an operation of a package that, as auth does, reports to the site's
// observer and log. The operation continues with the context that Observe returns, and
// the caller ends it with [Observation.End].
func (st SessionStore) Observe(ctx context.Context, op Operation) (context.Context, *Observation) {
	return st.observe(ctx, op, lowest(op))
}

// observe is Observe for an operation whose outcome is logged at level or above.
func (site *site) observe(ctx context.Context, op Operation, level slog.Level) (context.Context, *Observation) {
	if site.observer == nil && !site.logger.Enabled(ctx, level) {
		return ctx, nil
	}
	o := &Observation{site: site, ctx: ctx, begun: site.now(), event: Event{Operation: op, Engine: site.settings.SessionEngine}}
	if site.observer != nil {
		o.ctx = site.observer.Start(ctx, op)
	}
	return o.ctx, o
}

// SetUser notes the user of a login or a logout: their primary key as text.
func (o *Observation) SetUser(id string) {
	if o != nil {
		o.event.UserID = id
	}
}

// End ends the operation, whose error is err, and reports it. Call it with no lock held.
func (o *Observation) End(err error) {
	o.done(err)
	o.report()
}

// EndPanicked ends the operation if End was not called: defer it after Observe, in case
// something panics.
func (o *Observation) EndPanicked() {
	if o != nil && o.event.Outcome == "" {
		o.report()
	}
}

// done notes how the operation ended, now, unless it goes on to another end. The caller
// then calls report once it holds no lock: an observer or a log may use the session.
func (o *Observation) done(err error) {
	if o == nil {
		return
	}
	e := &o.event
	e.Err, e.Outcome = err, outcomeOf(e.Operation, err)
	if o.merged && err == nil {
		e.Outcome = OutcomeMerged
	}
	e.Duration = max(0, o.site.now().Sub(o.begun))
}

// drop notes that nothing had to be saved after all.
func (o *Observation) drop() {
	o.done(nil)
	if o != nil {
		o.event.Outcome = OutcomeDropped
	}
}

// resume notes that the operation goes on after an attempt.
func (o *Observation) resume() {
	if o != nil {
		o.event.Outcome = ""
	}
}

// report tells the log and the observer.
func (o *Observation) report() {
	if o == nil {
		return
	}
	if o.event.Outcome == "" {
		o.done(errPanicked)
		o.event.Outcome = OutcomePanicked
	}
	ctx := context.WithoutCancel(o.ctx)
	o.event.log(ctx, o.site.logger)
	if o.site.observer != nil {
		o.site.observer.End(ctx, o.event)
	}
}

// attempt returns the context for another attempt to store the draft.
func (d *draft) attempt(ctx context.Context) context.Context {
	s := d.session
	if s.observed == nil {
		op := OpSave
		if d.stored.Key == "" {
			op = OpCreate
		}
		_, s.observed = d.site.observe(ctx, op, lowest(op))
	}
	if s.observed == nil {
		return ctx
	}
	s.observed.event.Attempts++
	return s.observed.ctx
}

// merges notes that what is stored now is part of what will be. It is another writer's
// unless it is what the draft holds: that was stored by an attempt whose answer was lost.
func (d *draft) merges(stored *serializer.Dict) {
	if o := d.session.observed; o != nil && !sameValues(stored, d.data) {
		o.merged = true
	}
}

func sameValues(a, b *serializer.Dict) bool {
	for key, v := range a.All() {
		if w, ok := b.Get(key); !ok || !v.Equal(w) {
			return false
		}
	}
	return a.Len() == b.Len()
}

// leave lets the next goroutine store the session, and reports what this one did.
func (s *Session) leave() {
	o := s.observed
	s.observed = nil
	s.slot.Release()
	o.report()
}
