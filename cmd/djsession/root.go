package main

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const rootHelp = `Djsession reads and writes the sessions and logins of a Django site.

Settings come from environment variables. Each has a flag that overrides it; the
help of the flag names the variable. Scripts need these three:

  DJANGO_SECRET_KEY            the site's SECRET_KEY
  DJANGO_SECRET_KEY_FALLBACKS  its SECRET_KEY_FALLBACKS, separated by commas
  DATABASE_URL                 its database, in the syntax of dj-database-url:
                               sqlite:///relative.db, sqlite:////absolute.db,
                               postgres://user:password@host/name?sslmode=require,
                               mysql://user:password@host/name

A site that does not keep its sessions in the database's table django_session needs
DJANGO_SESSION_ENGINE: cached_db and cache with CACHE_URL, file with
DJANGO_SESSION_FILE_PATH, or signed_cookies, where KEY is the cookie's value.

SQLite, MySQL and MariaDB store times without a zone: set DJANGO_USE_TZ, and if
it is False also DJANGO_TIME_ZONE, as in settings.py. Commands that change
sessions require it; those that only read assume True and say so on stderr.

Data goes to stdout, messages go to stderr. The exit status is

  0    done
  1    a negative answer: no such session, a bad signature, unreadable data,
       nobody logged in, a wrong password
  2    wrong usage, or a failure: no secret key, a database that is down
  130  interrupted with Ctrl-C; 129, 131, 143: SIGHUP, SIGQUIT, SIGTERM

Write -- before an argument that starts with a dash and is not a number.`

const rootExample = `  djsession list --limit 5
  djsession show 0wkdvr1fy9gpq2ac51imzvq3ds0whjxb --pretty
  djsession set 0wkdvr1fy9gpq2ac51imzvq3ds0whjxb cart '{"sku-1": 2}'
  djsession whoami 0wkdvr1fy9gpq2ac51imzvq3ds0whjxb
  djsession decode < session_data.txt > sessions.jsonl`

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "djsession",
		Short:         "Read and write the sessions of a Django site",
		Long:          rootHelp,
		Example:       rootExample,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return errors.New("no command given; see djsession --help")
		},
		ValidArgsFunction:          cobra.NoFileCompletions,
		SuggestionsMinimumDistance: 2,
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(flagError)
	addSettingFlags(root)
	root.AddCommand(
		a.decodeCommand(), a.encodeCommand(),
		a.listCommand(), a.showCommand(), a.getCommand(), a.createCommand(), a.setCommand(), a.unsetCommand(),
		a.deleteCommand(), a.clearSessionsCommand(), a.copyCommand(),
		a.whoamiCommand(), a.loginCommand(), a.logoutCommand(),
		a.settingsCommand(), a.doctorCommand(),
	)
	root.Flags().SortFlags = false
	root.SetHelpCommand(helpCommand())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		// No argument or value is the name of a file.
		if cmd.ValidArgsFunction == nil {
			cmd.ValidArgsFunction = cobra.NoFileCompletions
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if _, has := cmd.GetFlagCompletionFunc(f.Name); !has {
				noError(cmd.RegisterFlagCompletionFunc(f.Name, cobra.NoFileCompletions))
			}
		})
		cmd.Flags().SortFlags, cmd.InheritedFlags().SortFlags = false, false
		if cmd.Name() == "completion" {
			cmd.Args = cobra.ArbitraryArgs
			cmd.RunE = func(*cobra.Command, []string) error {
				return errors.New("name the shell: bash, zsh, fish or powershell")
			}
		}
	}
	return root
}

// version returns the version of the module that the build recorded.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown)"
}

// unknownCommand returns the error for an unknown command. It repeats the word only if
// that cannot be a key or data in the wrong place.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	word := args[0]
	if !isWord(word, 16) {
		return errors.New("unknown command; see djsession --help")
	}
	if similar := cmd.SuggestionsFor(word); len(similar) > 0 {
		return fmt.Errorf("unknown command %q; did you mean %s?", word, strings.Join(similar, " or "))
	}
	return fmt.Errorf("unknown command %q; see djsession --help", word)
}

// isWord reports whether a text looks like the name of a command or a flag rather than
// like a key, a password or data, so that a message may repeat it.
func isWord(text string, longest int) bool {
	return len(text) <= longest && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") == ""
}

// flagError returns pflag's error without the arguments that it quotes.
func flagError(_ *cobra.Command, err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		dash := "--"
		if unknown.GetSpecifiedShortnames() != "" {
			dash = "-"
		}
		name := unknown.GetSpecifiedName()
		if !isWord(name, 32) {
			return errors.New("unknown flag; an argument that starts with a dash needs -- before it")
		}
		return fmt.Errorf("unknown flag %s%s; an argument that starts with a dash needs -- before it", dash, name)
	}
	if missing, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return fmt.Errorf("flag --%s needs a value", missing.GetSpecifiedName())
	}
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return fmt.Errorf("the value of --%s is not of type %s", invalid.GetFlag().Name, invalid.GetFlag().Value.Type())
	}
	return errors.New("an argument is neither a flag nor a value; one that starts with a dash needs -- before it")
}

// helpCommand is like cobra's, but fails for unknown commands.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Help about any command",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, start string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var names []cobra.Completion
			if topic, rest, err := cmd.Root().Find(args); err == nil && len(rest) == 0 {
				for _, sub := range topic.Commands() {
					if sub.IsAvailableCommand() && strings.HasPrefix(sub.Name(), start) {
						names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			topic, rest, err := cmd.Root().Find(args)
			if err != nil {
				return errors.New("unknown command; see djsession --help")
			}
			if len(rest) > 0 {
				return unknownCommand(cmd.Root(), rest)
			}
			topic.InitDefaultHelpFlag()
			topic.InitDefaultVersionFlag()
			return topic.Help()
		},
	}
}
