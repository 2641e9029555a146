package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/django"
)

func (a *app) copyCommand() *cobra.Command {
	var o copyOptions
	cmd := &cobra.Command{
		Use:   "copy --to-engine ENGINE",
		Short: "Copy all live sessions to another engine",
		Long: `Copy stores each session that has not expired under the same key, with the same
data and expiry, where the --to flags say. A setting that has no --to flag is that
of the source; a --to flag with an empty value is Django's default. It does not
change the source, and can be interrupted and run again: a session that is already
there with the same data is skipped.

A session that is already there with other data is left as it is, unless --update
or --overwrite is given. Other sessions that are not copied: those that cannot be
read, those without a valid expiry, and those with a value that the target cannot
hold, such as a tuple for a target that stores JSON. Stdout has a line for each: the
key, a tab, and different, unreadable, no-expiry or unwritable. Stderr counts them,
and the exit status is 1.

What the site saves or deletes meanwhile is not noticed. To move a live site, copy
while it runs on the old engine, stop it, run "copy --update --prune", which has
little left to do, switch SESSION_ENGINE in Django and Go, and start it again.

The engine signed_cookies cannot be copied, and memcached only be copied to: nothing
can list their sessions. A site that changes from db to cached_db with the same
table needs no copy, and none that changes back.`,
		Example: `  djsession copy --to-engine cached_db --to-cache-url redis://localhost:6379/1
  djsession copy --engine file --session-file-path /var/sessions --to-engine db`,
		Annotations: using(groupSigning, groupSessions),
		Args:        needArgs(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.update && o.overwrite {
				return errors.New("--update and --overwrite cannot be used together")
			}
			in, err := a.inputs(cmd)
			if err != nil {
				return err
			}
			if err := checkTarget(in); err != nil {
				return err
			}
			return a.withSite(cmd, func(ctx context.Context, from *site) error {
				in.target = true
				to, err := a.openSite(in)
				if err != nil {
					return targetError{err}
				}
				return errors.Join(sqliteError(to.url, a.copySessions(ctx, from, to, o)), to.close())
			})
		},
	}
	cmd.Flags().BoolVar(&o.update, "update", false, "replace a session in the target whose expiry is earlier than in the source: one that was saved earlier")
	cmd.Flags().BoolVar(&o.overwrite, "overwrite", false, "replace every session in the target that differs")
	cmd.Flags().BoolVar(&o.prune, "prune", false, "then delete the sessions from the target that the source does not have; only while no site uses the target")
	addTargetFlags(cmd)
	return cmd
}

// copySessions copies the live sessions and reports what became of them.
func (a *app) copySessions(ctx context.Context, from, to *site, o copyOptions) error {
	for _, s := range []*site{from, to} {
		if s.engine == "signed_cookies" {
			return errors.New("the engine signed_cookies cannot be copied from or to: its sessions are in the visitors' cookies alone")
		}
	}
	source, err := from.lister()
	if err != nil {
		return err
	}
	c := &copier{from: from, to: to, options: o, out: a.stdout}
	if c.target, _ = to.store.(django.Lister); c.target == nil && (o.update || o.prune) {
		return errors.New("--update and --prune need a target that can list its sessions, which memcached cannot")
	}
	if isTerminal(a.stderr) {
		c.progress = newProgress(a.stderr)
	}
	err = c.copyAll(ctx, source)
	if c.progress != nil {
		c.progress.clear()
	}
	a.say(c.tally.String())
	if err == nil && c.tally.left() > 0 {
		return &negative{errReported}
	}
	return err
}
