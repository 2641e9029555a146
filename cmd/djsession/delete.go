package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

func (a *app) deleteCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "delete KEY... | -",
		Short: "Delete sessions",
		Long: `Delete removes the session under each KEY, whether it has expired or not and
whether its data can be read or not; it needs no secret key. Users who were
logged in by it are logged out.

With -, it reads the keys from stdin, one a line; it skips empty lines.

Django reports nothing if there is no such session. Here stderr says which
argument or line it was, the other sessions are deleted, and the exit status is 1.`,
		Example: `  djsession delete 0wkdvr1fy9gpq2ac51imzvq3ds0whjxb
  djsession list --user 7 --limit 0 | cut -f 1 | djsession delete -`,
		Annotations:       using(groupDatabase),
		Args:              needArgs(1, math.MaxInt),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			a.secrets.add(args...)
			return a.withSite(cmd, func(ctx context.Context, s *site) error {
				switch {
				case len(args) == 1 && args[0] == "-":
					// All of them first: what writes them may still be reading the sessions.
					keys, err := a.readKeys(ctx)
					if err != nil {
						return err
					}
					return a.deleteAll(ctx, s, keys, "line")
				case len(args) == 1:
					return s.remove(ctx, args[0])
				}
				return a.deleteAll(ctx, s, args, "argument")
			})
		},
	}
}

// remove deletes a session, and returns django.ErrNotFound if there is none.
func (s *site) remove(ctx context.Context, key string) error {
	// Delete does not tell whether there was a session.
	if err := s.exists(ctx, key); err != nil {
		return err
	}
	return s.store.Delete(ctx, key)
}

// exists returns django.ErrNotFound if there is no session, expired or not.
func (s *site) exists(ctx context.Context, key string) error {
	_, err := s.store.Load(ctx, key, longAgo)
	if !errors.Is(err, django.ErrNotFound) {
		return err
	}
	// What SQLite has in the column need not be a date.
	for _, err := range s.store.List(ctx, dbstore.Filter{Key: key, Expired: true, Now: longAgo}) {
		return err
	}
	return django.ErrNotFound
}

// longAgo is before every expiry. MySQL's times begin with the year 1000.
var longAgo = time.Date(1000, 1, 2, 0, 0, 0, 0, time.UTC)

// readKeys reads the lines of stdin.
func (a *app) readKeys(ctx context.Context) (keys []string, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines := readLines(ctx, a.stdin)
	for {
		select {
		case l := <-lines:
			if errors.Is(l.err, io.EOF) {
				return keys, nil
			}
			if l.err != nil {
				return nil, fmt.Errorf("cannot read stdin: %w", l.err)
			}
			keys = append(keys, string(l.text))
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// deleteAll deletes the sessions that are there. source is what each key was given
// as, an argument or a line.
func (a *app) deleteAll(ctx context.Context, s *site, keys []string, source string) error {
	missing := false
	for i, key := range keys {
		if key == "" && source == "line" {
			continue
		}
		err := s.remove(ctx, key)
		switch {
		case errors.Is(err, django.ErrNotFound):
			missing = true
			a.say(fmt.Sprintf("%s %d: no such session", source, i+1))
		case err != nil:
			a.secrets.add(key)
			return fmt.Errorf("%s %d: %w", source, i+1, err)
		}
	}
	if missing {
		return &negative{errReported}
	}
	return nil
}
