package main

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/django"
)

func (a *app) showCommand() *cobra.Command {
	var pretty, meta bool
	cmd := &cobra.Command{
		Use:   "show KEY [--pretty] [--meta]",
		Short: "Print a session's JSON",
		Long: `Show prints the JSON text of the session under KEY, exactly as it is stored. The
exit status is 1 if the session does not exist, has expired or cannot be read.

A cache stores Python's pickles. What JSON has no form for, such as a tuple or a
datetime, is printed in a readable form, with a note on stderr.

With --meta, it prints a JSON object about the session instead:

  session_key              the key
  user_id                  id of the logged-in user, as a string; null if nobody is
  expire_date              when the session expires, in UTC (RFC 3339); null if
                           the engine does not tell
  expiry_age               its age in seconds if it were saved now; null if its
                           _session_expiry is not valid
  expire_at_browser_close  whether its cookie ends with the browser
  keys                     number of keys in the session
  size                     of what is stored, in bytes; null like expire_date`,
		Example: `  djsession show 0wkdvr1fy9gpq2ac51imzvq3ds0whjxb --pretty
  djsession show 0wkdvr1fy9gpq2ac51imzvq3ds0whjxb --meta | jq -r .expire_date`,
		Annotations: using(groupSigning, groupSessions),
		Args:        needArgs(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.secrets.add(args[0])
			return a.withSite(cmd, func(ctx context.Context, s *site) error {
				describe := a.sessionText
				if meta {
					describe = sessionMeta
				}
				text, err := describe(ctx, s, args[0])
				if err != nil {
					return err
				}
				if pretty {
					text = indent(text)
				}
				return a.printLine(text)
			})
		},
	}
	cmd.Flags().BoolVar(&pretty, "pretty", false, "indent the JSON, in the same order and spelling")
	cmd.Flags().BoolVar(&meta, "meta", false, "print a JSON object about the session instead of its data")
	return cmd
}

func (a *app) sessionText(ctx context.Context, s *site, key string) ([]byte, error) {
	rec, err := s.store.Load(ctx, key, time.Now())
	if errors.Is(err, django.ErrNotFound) {
		return nil, s.absent(key)
	}
	if err = errors.Join(err, ofSession(rec.Corrupt)); err != nil {
		return nil, err
	}
	var python kinds
	text, err := python.readableDict(rec.Data)
	a.note(python)
	return text, err
}

// about is a session as show --meta prints it.
type about struct {
	SessionKey           string  `json:"session_key"`
	UserID               *string `json:"user_id"`
	ExpireDate           *string `json:"expire_date"`
	ExpiryAge            *int64  `json:"expiry_age"`
	ExpireAtBrowserClose bool    `json:"expire_at_browser_close"`
	Keys                 int     `json:"keys"`
	Size                 *int    `json:"size"`
}

func sessionMeta(ctx context.Context, s *site, key string) ([]byte, error) {
	session, err := s.Load(ctx, key)
	if err != nil {
		return nil, err
	}
	m := about{SessionKey: key, ExpireAtBrowserClose: session.ExpireAtBrowserClose(), Keys: session.Len()}
	if _, lists := s.store.(django.Lister); lists {
		row, err := sessionRow(ctx, s, key)
		if err != nil {
			return nil, err
		}
		m.ExpireDate, m.Size = expireDate(row), &row.Size
	}
	if v, ok := session.Get(userIDKey); ok && !v.IsNull() {
		m.UserID = new(userIDText(v))
	}
	if age, err := expiryAge(session); err == nil {
		m.ExpiryAge = &age
	}
	return json.Marshal(m)
}

// expiryAge returns Django's get_expiry_age in seconds. Unlike a Duration, it has no limit
// of 292 years.
func expiryAge(session *django.Session) (int64, error) {
	now := time.Now()
	age, err := session.ExpiryAge()
	if err != nil || age/time.Second < math.MaxInt64/time.Second {
		return int64(age / time.Second), err
	}
	date, err := session.ExpiryDate()
	return int64(math.Round(float64(date.UnixMicro()-now.UnixMicro()) / 1e6)), err
}

// sessionRow returns the row of a session whose key Load has found.
func sessionRow(ctx context.Context, s *site, key string) (django.Listed, error) {
	lister, err := s.lister()
	if err != nil {
		return django.Listed{}, err
	}
	for row, err := range lister.List(ctx, django.Filter{Key: key, Now: time.Now()}) {
		if err != nil {
			return row, err
		}
		// Some databases ignore case.
		if row.Key == key {
			return row, ofSession(row.Corrupt)
		}
	}
	return django.Listed{}, django.ErrNotFound
}
