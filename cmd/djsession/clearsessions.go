package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/django"
)

func (a *app) clearSessionsCommand() *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "clearsessions [--dry-run]",
		Short: "Delete the expired sessions",
		Long: `Clearsessions deletes the expired sessions, as "manage.py clearsessions" does,
but in batches, so that the site's writes do not wait long. It needs no secret
key, except with --engine file. It prints nothing; on a terminal it shows its
progress, and at the end how many sessions it deleted. Caches delete expired sessions
themselves.

With --dry-run, it prints how many sessions it would delete, and deletes none.`,
		Example: `  djsession clearsessions
  djsession clearsessions --dry-run`,
		Annotations: using(groupSigning, groupSessions),
		Args:        needArgs(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withSite(cmd, func(ctx context.Context, s *site) error {
				if dryRun {
					n, err := s.countExpired(ctx)
					if err != nil {
						return err
					}
					return a.printLine([]byte(fmt.Sprint(n)))
				}
				return a.clearExpired(ctx, s, isTerminal(a.stderr))
			})
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "print how many sessions would be deleted, and delete none")
	return cmd
}

func (a *app) clearExpired(ctx context.Context, s *site, showProgress bool) error {
	if !showProgress {
		_, err := s.ClearExpired(ctx)
		return err
	}
	line := newProgress(a.stderr)
	clear := func() (int64, error) { return s.ClearExpired(ctx) }
	if s.rows != nil {
		clear = func() (int64, error) {
			return s.rows.ClearExpiredProgress(ctx, time.Now(), func(n int64) { line.show(count(n, "expired session") + " deleted") })
		}
	}
	removed, err := clear()
	line.clear()
	a.say(count(removed, "expired session") + " deleted")
	return err
}

// countExpired returns how many sessions clearsessions would delete.
func (s *site) countExpired(ctx context.Context) (int64, error) {
	if s.rows != nil {
		return s.rows.CountExpired(ctx, time.Now())
	}
	if c := s.store.Capabilities(); c.Expires || c.ChoosesKeys {
		return 0, nil
	}
	lister, err := s.lister()
	if err != nil {
		return 0, err
	}
	return lister.Count(ctx, django.Filter{Expired: true, Now: time.Now()})
}
