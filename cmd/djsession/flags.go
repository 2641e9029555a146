package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// settingOf returns the setting with this flag.
func settingOf(flag string) setting {
	i := slices.IndexFunc(settings, func(s setting) bool { return s.flag == flag })
	if i < 0 {
		panic("no setting " + flag)
	}
	return settings[i]
}

// addSettingFlags adds the flags of all settings to every command, so that a script can
// pass the same flags to each. See [hideUnused] for the help.
func addSettingFlags(root *cobra.Command) {
	root.PersistentFlags().SortFlags = false
	for _, s := range settings {
		addSetting(root, root.PersistentFlags(), s)
	}
}

// addSetting adds a setting to the flags of a command.
func addSetting(cmd *cobra.Command, flags *pflag.FlagSet, s setting) {
	if s.value == "" {
		flags.Bool(s.flag, false, s.help+" ["+s.env+"]")
		return
	}
	flags.Var(&flagValue{"", s.value}, s.flag, s.help+" ["+s.env+"]")
	directive := cobra.ShellCompDirectiveNoFileComp
	if s.flag == "settings" || strings.HasSuffix(s.flag, "secret-key-file") || strings.HasSuffix(s.flag, "session-file-path") {
		directive = cobra.ShellCompDirectiveDefault
	}
	noError(cmd.RegisterFlagCompletionFunc(s.flag, cobra.FixedCompletions(s.choices, directive)))
}

// flagValue is a string flag with a name for its value in the help.
type flagValue struct{ text, name string }

func (v *flagValue) String() string { return v.text }
func (v *flagValue) Type() string   { return v.name }
func (v *flagValue) Set(text string) error {
	v.text = text
	return nil
}

// noError panics if err is not nil, which would be a bug in this program.
func noError(err error) {
	if err != nil {
		panic(err)
	}
}

const groupsAnnotation = "settings"

// using is the annotation of a command that uses these groups of settings.
func using(groups ...group) map[string]string {
	var names []string
	for _, g := range groups {
		names = append(names, string(g))
	}
	return map[string]string{groupsAnnotation: strings.Join(names, " ")}
}

// uses reports whether a command uses a setting.
func uses(cmd *cobra.Command, flag string) bool {
	groups := strings.Fields(cmd.Annotations[groupsAnnotation])
	g := settingOf(flag).group
	if flag == "django-version" && slices.Contains(groups, string(groupImport)) {
		return true
	}
	return slices.Contains(groups, string(g)) || (g == groupEngine || g == groupFile) && len(groups) > 0 && groups[0] != string(groupImport)
}

// hideUnused hides from help and completion the flags that the command in args
// does not use. The help of the program shows all flags.
func hideUnused(root *cobra.Command, args []string) {
	if len(args) > 0 && slices.Contains([]string{cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}, args[0]) {
		args = args[1:]
	}
	cmd, rest, err := root.Find(args)
	if err == nil && cmd.Name() == "help" {
		cmd, _, err = root.Find(rest)
	}
	if err != nil || cmd == root {
		return
	}
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) {
		f.Hidden = !uses(cmd, f.Name)
	})
}
