package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/djsession/djsession/django"
)

// copyOptions are the flags of copy.
type copyOptions struct{ update, overwrite, prune bool }

// copyWorkers is how many sessions are written at once.
const copyWorkers = 16

// outcome is what became of a session that copy read.
type outcome int

const (
	copied outcome = iota
	replaced
	skipped // it is already there
	different
	unreadable
	noExpiry
	unwritable
	expired // meanwhile
	pruned
	kept // when pruning
	outcomes
)

// outcomeNames are the outcomes of the sessions that are left out.
var outcomeNames = map[outcome]string{different: "different", unreadable: "unreadable", noExpiry: "no-expiry", unwritable: "unwritable"}

// copier copies sessions.
type copier struct {
	from, to *site
	target   django.Lister // nil if the target has none
	options  copyOptions
	out      io.Writer
	progress *progress

	mu    sync.Mutex // of what follows, and of out and progress
	tally tally
}

// copyAll copies the sessions of the source, and then prunes the target.
func (c *copier) copyAll(ctx context.Context, source django.Lister) error {
	err := c.each(ctx, source, c.put)
	if err == nil && c.options.prune {
		err = c.each(ctx, c.target, c.pruneOne)
	}
	return err
}

// each calls do with the live sessions of a store, copyWorkers at once, and counts its
// outcomes. The first error ends it.
func (c *copier) each(ctx context.Context, store django.Lister, do func(context.Context, django.Listed) (outcome, error)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	sessions := make(chan django.Listed)
	var workers sync.WaitGroup
	for range copyWorkers {
		workers.Go(func() {
			for l := range sessions {
				if err := c.one(ctx, l, do); err != nil {
					cancel(err)
				}
			}
		})
	}
	err := func() error {
		for l, err := range store.List(ctx, django.Filter{Now: time.Now()}) {
			if err != nil {
				return err
			}
			select {
			case sessions <- l:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}()
	close(sessions)
	workers.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return cause // the first error, and not that the others were canceled
	}
	return err
}

// one calls do with a session and counts the outcome.
func (c *copier) one(ctx context.Context, l django.Listed, do func(context.Context, django.Listed) (outcome, error)) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	o, err := do(ctx, l)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tally[o]++
	if c.progress != nil {
		c.progress.show(count(c.tally.all(), "session") + " read")
	}
	if name, left := outcomeNames[o]; left {
		_, err = fmt.Fprintf(c.out, "%s\t%s\n", plain(l.Key), name)
	}
	return outputError(err)
}

// put stores a session in the target.
func (c *copier) put(ctx context.Context, l django.Listed) (outcome, error) {
	switch {
	case l.Corrupt != nil:
		return unreadable, nil
	case l.Malformed != nil || l.Expires.IsZero():
		return noExpiry, nil
	}
	if !c.to.possible(l.Key) {
		return unwritable, nil
	}
	if err := c.to.canHold(ctx, l.Data); err != nil {
		return unwritable, ctx.Err()
	}
	for range 10 {
		w := django.Write{Key: l.Key, Data: l.Data, Expires: l.Expires, Age: time.Until(l.Expires)}
		if w.Age <= 0 {
			return expired, nil
		}
		_, err := c.to.store.Create(ctx, w)
		o := copied
		if errors.Is(err, django.ErrExists) {
			o, err = c.putOver(ctx, l, w)
		}
		switch {
		case errors.Is(err, django.ErrConflict), errors.Is(err, django.ErrNotFound):
			continue // somebody else changed or deleted it meanwhile
		case tooLarge(err):
			return unwritable, nil
		case errors.Is(err, django.ErrOutcomeUnknown):
			return 0, fmt.Errorf("%w; run the copy again to continue", err)
		}
		return o, err
	}
	return different, nil // it is changed all the time
}

// putOver decides about a session whose key is in use in the target.
func (c *copier) putOver(ctx context.Context, l django.Listed, w django.Write) (outcome, error) {
	current, err := c.to.store.Load(ctx, l.Key, time.Now())
	switch {
	case errors.Is(err, django.ErrNotFound) && !c.to.store.Capabilities().Expires:
		// An expired one, which nobody can use any more, has the key.
		if err := c.to.store.Delete(ctx, l.Key); err != nil {
			return 0, err
		}
		return 0, django.ErrNotFound // try again
	case err != nil:
		return 0, err
	case current.Corrupt != nil:
		return different, nil
	}
	same := sameData(current.Data, l.Data)
	replace := c.options.overwrite && !same
	if c.options.update {
		if replace, err = c.earlier(ctx, l); err != nil {
			return 0, err
		}
	}
	switch {
	case !replace && same:
		return skipped, nil
	case !replace:
		return different, nil
	}
	current.Data = nil
	_, err = c.to.store.Save(ctx, current, w)
	return replaced, err
}

// earlier reports whether the session expires earlier in the target, by more than a
// target that keeps whole seconds explains.
func (c *copier) earlier(ctx context.Context, l django.Listed) (bool, error) {
	for there, err := range c.target.List(ctx, django.Filter{Key: l.Key, Now: time.Now()}) {
		if err != nil {
			return false, err
		}
		if there.Key == l.Key {
			return l.Expires.Sub(there.Expires) > time.Second, nil
		}
	}
	return false, django.ErrNotFound
}

// pruneOne deletes a session of the target that the source does not have.
func (c *copier) pruneOne(ctx context.Context, l django.Listed) (outcome, error) {
	_, err := c.from.store.Load(ctx, l.Key, time.Now())
	if errors.Is(err, django.ErrNotFound) {
		return pruned, c.to.store.Delete(ctx, l.Key)
	}
	return kept, err
}

// tally counts the sessions by what became of them.
type tally [outcomes]int

func (t tally) all() (n int) {
	for _, m := range t {
		n += m
	}
	return n
}

// left returns how many sessions were left out.
func (t tally) left() int {
	return t[different] + t[unreadable] + t[noExpiry] + t[unwritable]
}

func (t tally) String() string {
	parts := []string{count(t[copied], "session") + " copied"}
	for _, p := range []struct {
		outcome outcome
		text    string
	}{
		{replaced, "%d replaced"},
		{pruned, "%d deleted from the target, since they are not in the source"},
		{skipped, "%d already there"},
		{expired, "%d expired meanwhile"},
		{different, "%d left as they are in the target, where they differ"},
		{unreadable, "%d not copied: they cannot be read"},
		{noExpiry, "%d not copied: they have no valid expiry"},
		{unwritable, "%d not copied: they hold a value that the target cannot hold"},
	} {
		if n := t[p.outcome]; n > 0 {
			parts = append(parts, fmt.Sprintf(p.text, n))
		}
	}
	return strings.Join(parts, "; ")
}
