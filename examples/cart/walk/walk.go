package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
)

// walk is a visitor's way through the shop.
type walk struct {
	*browser
	page      page
	anonymous map[string]page // by place: seen last when not logged in
	ended     string          // the session key before the present one
}

func newWalk(at *url.URL) *walk { return &walk{browser: newBrowser(at), anonymous: map[string]page{}} }

// action is what a visitor does in a step; it returns what they saw.
type action func(context.Context, *walk) (saw string, err error)

// walkThrough takes every step with one browser, or with a second one if its name says so,
// and prints what was seen. engine is the last part of the shop's SESSION_ENGINE. The first step that does not hold ends it with an error.
func walkThrough(ctx context.Context, base, engine string, out io.Writer) error {
	at, err := url.Parse(base)
	if err != nil {
		return err
	}
	first, second := newWalk(at), newWalk(at)
	for i, s := range steps {
		w := first
		if strings.HasPrefix(s.name, "2nd browser: ") {
			w = second
		}
		saw, err := w.take(ctx, s.do)
		if want := s.wanted(engine); err == nil && saw != want {
			err = fmt.Errorf("expected %s; saw %s", want, saw)
		}
		if err != nil {
			fmt.Fprintf(out, "%2d  FAILED  %s\n", i+1, s.name)
			return fmt.Errorf("step %d, %s: %w", i+1, s.name, err)
		}
		fmt.Fprintf(out, "%2d  ok  %-50s %s\n", i+1, s.name, saw)
	}
	return nil
}

// take does an action, and adds to what was seen what became of the session's key.
func (w *walk) take(ctx context.Context, do action) (saw string, err error) {
	before := w.key()
	saw, err = do(ctx, w)
	switch after := w.key(); {
	case after == before:
		return saw, err
	case before == "":
		return saw + ", in a new session", err
	case after == "":
		saw += ", the cookie is gone"
	default:
		saw += ", under a new key"
	}
	w.ended = before
	return saw, err
}

// arrive notes where the visitor is.
func (w *walk) arrive(p page, err error) (string, error) {
	w.page = p
	if p.user == "" {
		w.anonymous[p.place] = p
	}
	return p.String(), err
}

// see opens a page.
func see(path string) action {
	return func(ctx context.Context, w *walk) (string, error) { return w.arrive(w.get(ctx, path)) }
}

// follow opens a page to which a link on this one leads.
func follow(path string) action {
	return func(ctx context.Context, w *walk) (string, error) {
		if !slices.Contains(w.page.links, path) {
			return "", fmt.Errorf("%s has no link to %s", w.page.place, path)
		}
		return see(path)(ctx, w)
	}
}

// send sends the form to path that is on the page, with these fields.
func send(path string, fields ...string) action {
	return func(ctx context.Context, w *walk) (string, error) {
		return w.arrive(w.submit(ctx, w.page, path, fields...))
	}
}

// submit sends the form on a page that goes to path and has these fields, empty or with
// these values.
func (w *walk) submit(ctx context.Context, p page, path string, fields ...string) (page, error) {
	for _, f := range p.forms {
		if values, ok := f.fill(fields); ok && f.action == path {
			return w.post(ctx, path, values, w.base.String(), "same-origin")
		}
	}
	return page{}, fmt.Errorf("%s has no form for %s with %s", p.place, path, strings.Join(fields[:min(2, len(fields))], " "))
}
