package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) clearSessionsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "clearsessions",
		Short: "Delete the expired sessions",
		Long: `Clearsessions deletes the sessions that have expired, as "manage.py
clearsessions" does, but in batches, so that the site's own writes do not wait
long. Like Django's, it prints nothing; on a terminal it shows how far it has
come, and at the end how many sessions it deleted.`,
		Example:           `  djsession clearsessions`,
		Args:              needArgs(0, 0),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withSite(cmd, func(ctx context.Context, s *site) error {
				return a.clearExpired(ctx, s, isTerminal(a.stderr))
			})
		},
	}
}

func (a *app) clearExpired(ctx context.Context, s *site, watched bool) error {
	now := time.Now()
	if !watched {
		_, err := s.store.ClearExpired(ctx, now)
		return err
	}
	total, err := s.store.CountExpired(ctx, now)
	if err != nil {
		return err
	}
	bar := startProgress(a.stderr, "deleting", total, false)
	removed, err := s.store.ClearExpiredProgress(ctx, now, bar.set)
	bar.finish()
	a.say(fmt.Sprintf("%d expired sessions deleted", removed))
	return err
}
