package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/django"
)

func (a *app) logoutCommand() *cobra.Command {
	var username string
	cmd := &cobra.Command{
		Use:   "logout KEY | --user NAME",
		Short: "End a session, or all sessions of a user",
		Long: `Logout deletes the session under KEY with all its data, as Django's logout does.
The exit status is 1 if there is no such session.

With --user, it deletes every session in which the user with this username is
logged in, and reports on stderr how many there were. It reads all sessions until
it finds none of the user's, at most five times, which takes a while on a large
table. The exit status is 1 if there is no such user, if they have no session, if
they keep logging in, or if some sessions cannot be read: these may be theirs and
are not changed. To keep a user out, first make them inactive or change their
password.

With --engine signed_cookies, nothing on the server can end a session: the exit status
is 2. A changed password ends the user's logins.`,
		Example: `  djsession logout 0wkdvr1fy9gpq2ac51imzvq3ds0whjxb
  djsession logout --user ann`,
		Annotations: using(groupSigning, groupSessions, groupUsers),
		Args: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("user") {
				return needArgs(0, 0)(cmd, args)
			}
			return needArgs(1, 1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.withSite(cmd, func(ctx context.Context, s *site) error { return a.logOutUser(ctx, s, username) })
			}
			return a.withSession(cmd, args[0], func(ctx context.Context, s *site, session *django.Session) error {
				if s.store.Capabilities().ChoosesKeys {
					return errNotRevocable
				}
				return session.Flush(ctx)
			})
		},
	}
	cmd.Flags().StringVar(&username, "user", "", "end all sessions of the user with this username")
	return cmd
}

func (a *app) logOutUser(ctx context.Context, s *site, username string) error {
	table, err := a.openUsers(ctx, s)
	if err != nil {
		return err
	}
	user, err := table.ByUsername(ctx, username)
	if errors.Is(err, auth.ErrNoUser) {
		return answerNo("no such user")
	}
	if err != nil {
		return err
	}
	ended := 0
	for range logoutPasses {
		keys, read, err := sessionsOf(ctx, s, table, user.ID)
		if err != nil {
			return err
		}
		for _, key := range keys {
			there, err := s.remove(ctx, key)
			if err != nil {
				return err
			}
			if there {
				ended++
			}
		}
		if len(keys) > 0 {
			continue // a session may have moved to another key meanwhile
		}
		a.say(count(ended, "session") + " of the user ended")
		switch {
		case read.unreadable > 0:
			return answerNo("some of the user's sessions may be left: %s", read.problems()[0])
		case ended == 0:
			return &negative{errReported}
		}
		return nil
	}
	a.say(count(ended, "session") + " of the user ended")
	return answerNo("the user keeps logging in; make them inactive first")
}

// logoutPasses is how often logout --user looks for sessions of the user, who may log in
// again each time.
const logoutPasses = 5

// sessionsOf returns the keys of the sessions in which a user is logged in.
func sessionsOf(ctx context.Context, s *site, table *usertable.Table, id string) (keys []string, read rowCount, err error) {
	lister, err := s.lister()
	if err != nil {
		return nil, read, err
	}
	for row, err := range lister.List(ctx, django.Filter{Now: time.Now()}) {
		if err != nil {
			return nil, read, err
		}
		read.add(row)
		stored, ok := row.Data.Get("_auth_user_id")
		if !ok {
			continue
		}
		if theirs, ok := table.ReadID(stored); ok && theirs == id {
			keys = append(keys, row.Key)
		}
	}
	return keys, read, nil
}
