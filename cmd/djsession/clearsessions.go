package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) clearSessionsCommand() *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "clearsessions [--dry-run]",
		Short: "Delete the expired sessions",
		Long: `Clearsessions deletes the expired sessions, as "manage.py clearsessions" does,
but in batches, so that the site's writes do not wait long. It needs no secret
key. It prints nothing; on a terminal it shows its progress, and at the end how
many sessions it deleted.

With --dry-run, it prints how many sessions it would delete, and deletes none.`,
		Example: `  djsession clearsessions
  djsession clearsessions --dry-run`,
		Annotations: using(groupDatabase),
		Args:        needArgs(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withSite(cmd, func(ctx context.Context, s *site) error {
				if dryRun {
					n, err := s.store.CountExpired(ctx, time.Now())
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
		_, err := s.store.ClearExpired(ctx, time.Now())
		return err
	}
	line := newProgress(a.stderr)
	removed, err := s.store.ClearExpiredProgress(ctx, time.Now(), func(n int64) { line.show(count(n, "expired session") + " deleted") })
	line.clear()
	a.say(count(removed, "expired session") + " deleted")
	return err
}
