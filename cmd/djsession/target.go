package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// ofTarget returns the setting of copy's target.
func (s setting) ofTarget() setting {
	s.flag, s.env = "to-"+s.flag, "TO_"+s.env
	return s
}

// targetSettings returns the settings that copy's target may have of its own: those that
// say where sessions are and in which format.
func targetSettings() []setting {
	return slices.DeleteFunc(slices.Clone(settings), func(s setting) bool {
		return s.group != groupEngine && s.group != groupSessions && s.group != groupSigning
	})
}

// addTargetFlags adds the flags of copy's target.
func addTargetFlags(cmd *cobra.Command) {
	for _, s := range targetSettings() {
		help := "--" + s.flag + " of the target; default that of the source"
		if s.group == groupEngine {
			help = "the target's engine: db, cached_db, cache or file"
		}
		t := s.ofTarget()
		t.help = help
		addSetting(cmd, cmd.Flags(), t)
	}
}

// targetError is an error about a setting of copy's target. Its text names the target's
// flag and variable.
type targetError struct{ error }

func (e targetError) Unwrap() error { return e.error }

func (e targetError) Error() string {
	text := e.error.Error()
	for _, s := range targetSettings() {
		t := s.ofTarget()
		text = strings.ReplaceAll(text, where(s.flag), t.env+" (or --"+t.flag+")")
	}
	return "target: " + text
}

// checkTarget returns an error if copy's target is not set, or is the source.
func checkTarget(source inputs) error {
	target := source
	target.target = true
	given := false
	for _, look := range target.sources()[:2] {
		_, set := look(settingOf("engine"))
		given = given || set
	}
	if !given {
		t := settingOf("engine").ofTarget()
		return fmt.Errorf("no target; set %s (or --%s), and where the sessions are to go", t.env, t.flag)
	}
	from, err := source.engine()
	if err != nil {
		return err
	}
	to, err := target.engine()
	if err != nil {
		return targetError{err}
	}
	same := from == to
	for _, s := range targetSettings() {
		if s.group == groupEngine {
			continue
		}
		a, _ := source.get(s.flag)
		b, _ := target.get(s.flag)
		same = same && a == b
	}
	if same {
		return fmt.Errorf("source and target are the same; set what differs, such as --to-database-url or --to-cache-url")
	}
	return nil
}
