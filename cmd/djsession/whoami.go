package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
)

func (a *app) whoamiCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "whoami KEY",
		Short: "Print who is logged in by a session",
		Long: `Whoami prints the user who is logged in by the session under KEY, as a JSON
object, if Django would accept the login:

  id            the primary key, a number or a string
  username      what the user logs in with
  is_active, is_staff, is_superuser
                null if the user table has no such column; is_active is true if
                --user-active-column is none
  last_login    in UTC (RFC 3339), or null
  backend       the backend by which the user logged in

Otherwise the exit status is 1 and the reason is on stderr: nobody is logged in,
the user does not exist or is not active, or the password was changed.

Whoami changes nothing, even if Django would delete the session or renew its hash. If the user model has its own get_session_auth_hash, describe it with
--auth-hash-value and --auth-hash-salt; see login.`,
		Example:     `  djsession whoami 0wkdvr1fy9gpq2ac51imzvq3ds0whjxb | jq -r .username`,
		Annotations: using(groupSigning, groupSessions, groupUsers, groupLogins),
		Args:        needArgs(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.secrets.add(args[0])
			return a.withLogins(cmd, func(ctx context.Context, s *site, l *auth.Logins) error {
				session, err := s.Load(ctx, args[0])
				if err != nil {
					return err
				}
				v, err := l.Inspect(ctx, session)
				if err != nil {
					return err
				}
				if v.Reason != nil {
					return &negative{v.Reason}
				}
				key, _ := s.in.get("user-key")
				text, err := json.Marshal(personOf(v.User, key, s.users.columns))
				if err != nil {
					return err
				}
				return a.printLine(text)
			})
		},
	}
}

// person is a user as whoami prints them.
type person struct {
	ID          any        `json:"id"`
	Username    string     `json:"username"`
	IsActive    bool       `json:"is_active"`
	IsStaff     *bool      `json:"is_staff"`
	IsSuperuser *bool      `json:"is_superuser"`
	LastLogin   *time.Time `json:"last_login"`
	Backend     string     `json:"backend"`
}

// personOf returns a user as whoami prints them. A column that the table lacks is null.
func personOf(u auth.User, key string, columns usertable.Columns) person {
	p := person{ID: u.ID, Username: u.Username, IsActive: u.IsActive, Backend: u.Backend}
	if key == "" || key == "int" {
		p.ID = json.Number(u.ID)
	}
	if columns.IsStaff != "" {
		p.IsStaff = &u.IsStaff
	}
	if columns.IsSuperuser != "" {
		p.IsSuperuser = &u.IsSuperuser
	}
	if !u.LastLogin.IsZero() {
		p.LastLogin = &u.LastLogin
	}
	return p
}
