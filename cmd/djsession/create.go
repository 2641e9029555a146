package main

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

func (a *app) createCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "create [JSON]",
		Short: "Create a session and print its key",
		Long: `Create stores a new session with the data in JSON, an object, and prints the
session's key. With --engine signed_cookies, that is the value of its cookie. Without
an argument the session is empty. The help of encode
describes the JSON; if Django could not read it, the exit status is 2.

The exit status is 1 if none of the site's newest sessions can be read: the secret
key is most likely wrong, and Django would not accept a new session.`,
		Example:     `  key=$(djsession create '{"cart": {"sku-1": 2}}')`,
		Annotations: using(groupSigning, groupSessions),
		Args:        needArgs(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			data := new(serializer.Dict)
			if len(args) == 1 {
				var err error
				if data, err = parseDict([]byte(args[0])); err != nil {
					return fmt.Errorf("argument JSON: %w", err)
				}
			}
			return a.withSite(cmd, func(ctx context.Context, s *site) error {
				if err := s.checkWrites(ctx); err != nil {
					return err
				}
				session := s.NewSession()
				for name, value := range data.All() {
					if err := session.Set(name, value); err != nil {
						return err
					}
				}
				return a.saveNew(ctx, s, session)
			})
		},
	}
}

// checkWrites returns an error if none of the newest sessions can be read, since Django
// would not be able to read a new one either.
func (s *site) checkWrites(ctx context.Context) error {
	err := s.Check(ctx)
	_, failed := errors.AsType[*dbstore.Error](err)
	switch {
	case errors.Is(err, django.ErrCorrupt), errors.Is(err, django.ErrUnreadable):
		return answerNo("nothing was written: the newest sessions of the site cannot be read, so Django would not accept a new one; %s; if SECRET_KEY was changed recently, put the old one into DJANGO_SECRET_KEY_FALLBACKS", advice(err))
	case failed, s.rows == nil:
		return err
	}
	return nil // Check's other findings, such as longer keys, do not concern a new session
}

// saveNew stores a new session and prints its key. If the key cannot be printed, it
// deletes the session again.
func (a *app) saveNew(ctx context.Context, s *site, session *django.Session) error {
	if err := session.Save(ctx); err != nil {
		return err
	}
	signal.Ignore(syscall.SIGPIPE) // so that a closed pipe is an error of the write
	defer signal.Reset(syscall.SIGPIPE)
	err := a.printLine([]byte(session.Key()))
	if err == nil {
		return nil
	}
	if failed := s.store.Delete(ctx, session.Key()); failed != nil {
		return fmt.Errorf("%w; the new session could not be deleted again: %w", err, failed)
	}
	return fmt.Errorf("%w; the new session was deleted again", err)
}
