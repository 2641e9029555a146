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
		Long: `Delete removes the session under each KEY, whether it has expired or not and
whether its data can be read or not; it needs no secret key. Users who were
logged in by it are logged out.

With -, it reads the keys from stdin, one a line, as list prints them: a key with
blanks, say, is in JSON's quotes. It skips empty lines.

Django reports nothing if there is no such session. Here stderr says which
argument or line it was, the other sessions are deleted, and the exit status is 1.`,
		Example: `  djsession delete 0wkdvr1fy9gpq2ac51imzvq3ds0whjxb
  djsession list --user 7 --limit 0 | cut -f 1 | djsession delete -`,
		Annotations: using(groupDatabase),
		Args:        needArgs(1, math.MaxInt),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.secrets.add(args...)
			return a.withSite(cmd, func(ctx context.Context, s *site) error {
				switch {
				case len(args) == 1 && args[0] == "-":
					// All of them first: what writes them may still be reading the sessions.
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

// unquoted is a key as list prints it, which puts an odd one in JSON's quotes.
func unquoted(text []byte) string {
	var key string
	if bytes.HasPrefix(text, []byte(`"`)) && json.Unmarshal(text, &key) == nil {
		return key
	}
	return string(text)
}

// deleteAll deletes the sessions that are there. source is what each key was given
// as, an argument or a line.
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

// noRow is the error for a key that no row has, expired or not.
func (s *site) noRow(key string) error {
	if err := s.impossible(key); err != nil {
		return answerNo("no such session: %w", err)
	}
	return answerNo("no such session")
}
