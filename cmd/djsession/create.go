package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/serializer"
)

func (a *app) createCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "create [JSON]",
		Short: "Create a session and print its key",
		Long: `Create stores a new session with the data in JSON, an object, and prints the
session's key. Without an argument the session is empty. The help of encode
describes the JSON; JSON that Django could not read is exit status 2 here.`,
		Example:           `  key=$(djsession create '{"cart": {"sku-1": 2}}')`,
		Annotations:       using(groupSigning, groupDatabase, groupExpiry),
		Args:              needArgs(0, 1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			data := new(serializer.Dict)
			if len(args) == 1 {
				var err error
				if data, err = parseDict([]byte(args[0])); err != nil {
					return fmt.Errorf("argument JSON: %w", err)
				}
			}
			return a.withSite(cmd, func(ctx context.Context, s *site) error {
				session := s.NewSession()
				for name, value := range data.All() {
					if err := session.Set(name, value); err != nil {
						return err
					}
				}
				if err := session.Save(ctx); err != nil {
					return err
				}
				return a.printLine([]byte(session.Key()))
			})
		},
	}
}
