package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/auth"
)

func (a *app) loginCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "login USERNAME",
		Short: "Log in with a password, and print the session's key",
		Long: `Login reads USERNAME's password from stdin, without one line break at its end,
and prints the key of a new session in which the user is logged in to Django. On a
terminal it asks for the password and does not show it. The exit status is 1 if
username and password do not match an active user, or if none of the site's newest
sessions can be read: the secret key is most likely wrong.

With --engine signed_cookies, the key is the value of the session's cookie.

Login updates the user's last_login. It does not upgrade the stored password hash.

If the user model has its own get_session_auth_hash, login must know it, or
Django rejects the session. For

  salted_hmac("accounts.Member", f"{self.password}:{self.auth_version}",
              algorithm="sha256").hexdigest()

pass --auth-hash-salt accounts.Member --auth-hash-value
'{password}:{auth_version}'. The columns must hold text or integers. Any other
hash needs Go code.`,
		Example: `  key=$(djsession login ann < password.txt)
  curl --cookie "sessionid=$key" https://shop.example/account/`,
		Annotations: using(groupSigning, groupSessions, groupUsers, groupLogins, groupPassword),
		Args:        needArgs(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withLogins(cmd, func(ctx context.Context, s *site, l *auth.Logins) error {
				if err := s.checkWrites(ctx); err != nil {
					return err
				}
				password, err := a.readPassword(ctx)
				if err != nil {
					return err
				}
				u, err := l.Authenticate(ctx, args[0], password)
				if err != nil {
					return err
				}
				session := s.NewSession()
				if err := l.LoginSession(ctx, session, u); err != nil {
					return err
				}
				return a.saveNew(ctx, s, session)
			})
		},
	}
}
