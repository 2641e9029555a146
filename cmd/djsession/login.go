package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/djsession/djsession/auth"
)

// longestPassword bounds what is read of stdin.
const longestPassword = 1 << 20

func (a *app) loginCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "login USERNAME",
		Short: "Log in with a password, and print the session's key",
		Long: `Login reads USERNAME's password from stdin, where one line break at its end does
not count, and prints the key of a new session that Django takes as logged in.
On a terminal it asks for the password and does not show it. The exit status is
1 if username and password do not match an active user.

The user's last_login is updated, as on every login. The password is not hashed
anew.`,
		Example: `  key=$(djsession login ann < password.txt)
  curl --cookie "sessionid=$key" https://shop.example/account/`,
		Args:              needArgs(1, 1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withLogins(cmd, func(ctx context.Context, s *site, l *auth.Logins) error {
				password, err := a.readPassword()
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
				if err := session.Save(ctx); err != nil {
					return err
				}
				return a.printLine([]byte(session.Key()))
			})
		},
	}
}

// readPassword reads a password from stdin.
func (a *app) readPassword() (string, error) {
	var text []byte
	var err error
	if file, ok := a.stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		fmt.Fprint(a.stderr, "Password: ")
		text, err = term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(a.stderr)
	} else {
		text, err = io.ReadAll(io.LimitReader(a.stdin, longestPassword+1))
	}
	if err != nil {
		return "", fmt.Errorf("the password cannot be read from stdin: %w", err)
	}
	password := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	a.secrets.add(password)
	switch {
	case password == "":
		return "", errors.New("no password; give it on stdin")
	case len(password) > longestPassword:
		return "", errors.New("the password on stdin is longer than 1 MiB")
	}
	return password, nil
}
