package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/spf13/cobra"
)

func (a *app) deleteCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "delete KEY... | -",
		Short: "Delete sessions",
		Long: `Delete deletes the session under each KEY, even if it has expired or cannot be
read. It needs no secret key. Sessions of signed_cookies cannot be deleted.

With -, it reads the keys from stdin, one per line, as list prints them: a key
with spaces, for example, is a JSON string. Empty lines are skipped.

If a session does not exist, stderr names the argument or line, the other sessions
are deleted, and the exit status is 1.`,
		Example: `  djsession delete 0wkdvr1fy9gpq2ac51imzvq3ds0whjxb
  djsession list --user 7 --limit 0 | cut -f 1 | djsession delete -`,
		Annotations: using(groupSessions),
		Args:        needArgs(1, math.MaxInt),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.secrets.add(args...)
			return a.withSite(cmd, func(ctx context.Context, s *site) error {
				switch {
				case len(args) == 1 && args[0] == "-":
					// Read all keys first: a djsession list that writes them may still be reading.
					keys, err := a.readKeys(ctx)
					if err != nil {
						return err
					}
					return a.deleteAll(ctx, s, keys, "line")
				case len(args) == 1:
					there, err := s.remove(ctx, args[0])
					if err == nil && !there {
						return s.noRow(args[0])
					}
					return err
				}
				return a.deleteAll(ctx, s, args, "argument")
			})
		},
	}
}

// readKeys reads the lines of stdin.
func (a *app) readKeys(ctx context.Context) (keys []string, err error) {
	for l, err := range a.lines(ctx) {
		if err != nil {
			return nil, err
		}
		keys = append(keys, unquoted(l.text))
	}
	return keys, nil
}

// unquoted returns a key that list printed, perhaps as a JSON string.
func unquoted(text []byte) string {
	var key string
	if bytes.HasPrefix(text, []byte(`"`)) && json.Unmarshal(text, &key) == nil {
		return key
	}
	return string(text)
}

// deleteAll deletes sessions and reports those that do not exist. source is where the
// keys come from: "argument" or "line".
func (a *app) deleteAll(ctx context.Context, s *site, keys []string, source string) error {
	missing := false
	for i, key := range keys {
		if key == "" && source == "line" {
			continue
		}
		there, err := s.remove(ctx, key)
		switch {
		case err != nil:
			a.secrets.add(key)
			return fmt.Errorf("%s %d: %w", source, i+1, err)
		case !there:
			missing = true
			a.say(fmt.Sprintf("%s %d: %v", source, i+1, s.noRow(key)))
		}
	}
	if missing {
		return &negative{errReported}
	}
	return nil
}

// noRow returns the error for a key without a row.
func (s *site) noRow(key string) error {
	if err := s.impossible(key); err != nil {
		return answerNo("no such session: %w", err)
	}
	return answerNo("no such session")
}
