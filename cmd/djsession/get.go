package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/django"
)

func (a *app) getCommand() *cobra.Command {
	var pretty bool
	cmd := &cobra.Command{
		Use:   "get KEY NAME [--pretty]",
		Short: "Print one value of a session",
		Long: `Get prints the value of NAME in the session under KEY as JSON, exactly as it is
stored. The exit status is 1 if the session does not exist, has expired, cannot be
read or has no NAME. A value of null is printed. A value that JSON has no form for, as
a cache may hold, is printed in a readable form, with a note on stderr.`,
		Example: `  djsession get 0wkdvr1fy9gpq2ac51imzvq3ds0whjxb cart
  djsession get 0wkdvr1fy9gpq2ac51imzvq3ds0whjxb _auth_user_id | jq -r .`,
		Annotations: using(groupSigning, groupSessions),
		Args:        needArgs(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withSession(cmd, args[0], func(_ context.Context, _ *site, session *django.Session) error {
				value, ok := session.Get(args[1])
				if !ok {
					return errNoValue
				}
				var python kinds
				text := python.readable(value)
				a.note(python)
				if pretty {
					text = indent(text)
				}
				return a.printLine(text)
			})
		},
	}
	cmd.Flags().BoolVar(&pretty, "pretty", false, "indent the JSON, in the same order and spelling")
	return cmd
}

// errNoValue reports a name that is not in the session.
var errNoValue = answerNo("the session has no value of that name")
