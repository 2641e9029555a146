package main

import (
	"context"

	"github.com/spf13/cobra"
)

func (a *app) logoutCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "logout KEY",
		Short: "Log out whoever is logged in by a session",
		Long: `Logout removes the session under KEY with all its data, as Django's logout does.
The exit status is 1 if there is no such session.`,
		Example:           `  djsession logout 0wkdvr1fy9gpq2ac51imzvq3ds0whjxb`,
		Args:              needArgs(1, 1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			a.secrets.add(args[0])
			return a.withSite(cmd, func(ctx context.Context, s *site) error {
				session, err := s.Load(ctx, args[0])
				if err != nil {
					return err
				}
				return session.Flush(ctx)
			})
		},
	}
}
