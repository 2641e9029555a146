package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

var negativeNumber = regexp.MustCompile(`^-([0-9][0-9.eE+-]*|Infinity)$`)

// guardNegativeNumbers makes "djsession set KEY NAME -1" work: it puts "--" before the
// first negative number and moves the flags after it to before the "--".
func guardNegativeNumbers(root *cobra.Command, args []string) []string {
	if len(args) == 0 || strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		return args
	}
	cmd, _, err := root.Find(args)
	if err != nil {
		return args
	}
	var before, after []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--" && after == nil:
			return args
		case arg == "--":
			return slices.Concat(before, []string{"--"}, after, args[i+1:])
		case negativeNumber.MatchString(arg):
			after = append(after, arg)
		case strings.HasPrefix(arg, "-") && arg != "-":
			before = append(before, arg)
			if takesNext(cmd, arg) && i+1 < len(args) {
				i++
				before = append(before, args[i])
			}
		case after != nil:
			after = append(after, arg)
		default:
			before = append(before, arg)
		}
	}
	if after == nil {
		return args
	}
	return slices.Concat(before, []string{"--"}, after)
}

// takesNext reports whether the argument after this flag is the flag's value.
func takesNext(cmd *cobra.Command, arg string) bool {
	name, long := strings.CutPrefix(arg, "--")
	if !long || strings.Contains(name, "=") {
		return false
	}
	flag := cmd.Flag(name)
	return flag != nil && flag.NoOptDefVal == ""
}
