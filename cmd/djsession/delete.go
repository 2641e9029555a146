package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) deleteCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "delete KEY",
		Short: "Delete a session",
		Long: `Delete removes the session under KEY, whether it has expired or not and whether
its data can be read or not. Who was logged in with it no longer is.

Django says nothing if there is no such session; here the exit status is then 1.`,
		Example:           `  djsession delete 0wkdvr1fy9gpq2ac51imzvq3ds0whjxb`,
		Args:              needArgs(1, 1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			key := args[0]
			a.secrets.add(key)
			return a.withSite(cmd, func(ctx context.Context, s *site) error {
				// The database does not tell whether it deleted anything.
				if _, err := s.store.Store.Load(ctx, key, longAgo); err != nil {
					return err
				}
				return s.store.Delete(ctx, key)
			})
		},
	}
}

// longAgo is before every expiry. MySQL's times begin with the year 1000.
var longAgo = time.Date(1000, 1, 2, 0, 0, 0, 0, time.UTC)
