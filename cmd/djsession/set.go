package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/django"
)

func (a *app) setCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "set KEY NAME JSON",
		Short: "Set one value of a session",
		Long: `Set sets NAME to the value JSON in the session under KEY. All other values stay
as they are, byte for byte and in their order, even if another program writes the
session at the same time. A new name is added at the end. The session's expiry is
renewed, as whenever Django saves a session.

With --engine signed_cookies, KEY is the value of the session's cookie, and set prints
the new one; the old one stays valid.

JSON is in UTF-8; NaN, Infinity and -Infinity are numbers, as in Python. Quote a
string for the shell and for JSON: '"text"'.

The exit status is 1 and nothing is changed if the session does not exist, has
expired or cannot be read.`,
		Example: `  djsession set 0wkdvr1fy9gpq2ac51imzvq3ds0whjxb cart '{"sku-1": 2}'
  djsession set 0wkdvr1fy9gpq2ac51imzvq3ds0whjxb greeting '"hello"'
  djsession set 0wkdvr1fy9gpq2ac51imzvq3ds0whjxb balance -12.50
  djsession set 0wkdvr1fy9gpq2ac51imzvq3ds0whjxb -- -name 1`,
		Annotations: using(groupSigning, groupSessions),
		Args:        needArgs(3, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			value, err := parseValue([]byte(args[2]))
			if err != nil {
				return fmt.Errorf("argument JSON: %w", err)
			}
			return a.withSession(cmd, args[0], func(ctx context.Context, s *site, session *django.Session) error {
				if err := session.Set(args[1], value); err != nil {
					return err
				}
				return a.save(ctx, s, session)
			})
		},
	}
}

func (a *app) unsetCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "unset KEY NAME",
		Short: "Remove one value of a session",
		Long: `Unset removes NAME from the session under KEY. All other values stay as they are,
as with set. With --engine signed_cookies, it prints the new cookie's value.

The exit status is 1 and nothing is changed if the session does not exist, has
expired, cannot be read or has no NAME.`,
		Example:     `  djsession unset 0wkdvr1fy9gpq2ac51imzvq3ds0whjxb cart`,
		Annotations: using(groupSigning, groupSessions),
		Args:        needArgs(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withSession(cmd, args[0], func(ctx context.Context, s *site, session *django.Session) error {
				if !session.Delete(args[1]) {
					return errNoValue
				}
				return a.save(ctx, s, session)
			})
		},
	}
}

// save saves a session. If that gives it another key, as with signed_cookies, it prints it.
func (a *app) save(ctx context.Context, s *site, session *django.Session) error {
	if err := ofSession(session.Save(ctx)); err != nil || !s.store.Capabilities().ChoosesKeys {
		return err
	}
	return a.printLine([]byte(session.Key()))
}
