package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/managepy"
	"github.com/djsession/djsession/internal/sitesettings"
)

// siteImport are the flags of the command settings.
type siteImport struct {
	manage, python, from, output, format, check string
	snippet, withoutSecrets                     bool
}

func (a *app) settingsCommand() *cobra.Command {
	var o siteImport
	cmd := &cobra.Command{
		Use:   "settings {--manage FILE | --from FILE | --snippet} [--output FILE] [--check FILE]",
		Short: "Make a settings file from a Django site",
		Long: `Settings writes what a Go service has to know of a Django site to a file that
django.LoadSettings and, with --settings or DJSESSION_SETTINGS, all commands read.

With --manage it asks the site itself. Where that is not possible, --from reads what
"manage.py diffsettings --all" printed, or what the snippet of --snippet printed in
"manage.py shell"; - is stdin. Only --manage tells all of the models.

The file holds the secret key and passwords: --output makes it readable for its owner
only. With --without-secrets it has none, and can be committed; set DJANGO_SECRET_KEY,
the database and the cache in the environment then. What cannot be carried
over is named on stderr, and in the file under OMITTED.

With --format env it writes NAME='value' lines for a POSIX shell instead ("set -a; .
./file"). Docker's --env-file and systemd have other rules for quotes: give those the file.

With --check it compares a file with the site, prints the names of the settings that
differ, never their values, and exits with 1 if there are any: for a test in the site's
own CI. Secrets that the file does not have are not compared, and neither is what was set
by hand because it cannot be carried over.`,
		Example: `  djsession settings --manage ../site/manage.py --output djsession.json
  djsession settings --manage ../site/manage.py --check djsession.json
  python manage.py diffsettings --all | djsession settings --from - --django-version 5.2
  djsession settings --snippet | ssh web 'cd site && python manage.py shell' > dump.json`,
		Args: needArgs(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.importSettings(cmd, o)
		},
		Annotations: using(groupImport),
	}
	flags := cmd.Flags()
	flags.StringVar(&o.manage, "manage", "", "the site's manage.py")
	flags.StringVar(&o.python, "python", "", "the Python to run it with; default that of a virtual environment beside it, or on PATH")
	flags.StringVar(&o.from, "from", "", "a file with the output of diffsettings --all or of the snippet; - is stdin")
	flags.BoolVar(&o.snippet, "snippet", false, "print a snippet for manage.py shell")
	flags.StringVar(&o.output, "output", "", "the file to write; default stdout")
	flags.StringVar(&o.format, "format", "json", "json or env")
	flags.BoolVar(&o.withoutSecrets, "without-secrets", false, "leave out keys, and the addresses of databases and caches")
	flags.StringVar(&o.check, "check", "", "a settings file to compare with the site")
	for _, name := range []string{"manage", "python", "from", "output", "check"} {
		noError(cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault)))
	}
	noError(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]cobra.Completion{"json", "env"}, cobra.ShellCompDirectiveNoFileComp)))
	cmd.MarkFlagsMutuallyExclusive("manage", "from", "snippet")
	for _, name := range []string{"output", "format", "without-secrets"} {
		cmd.MarkFlagsMutuallyExclusive("snippet", "check", name)
	}
	cmd.MarkFlagsMutuallyExclusive("from", "snippet", "python")
	return cmd
}

func (a *app) importSettings(cmd *cobra.Command, o siteImport) error {
	switch {
	case o.snippet:
		_, err := io.WriteString(a.stdout, sitesettings.Snippet)
		return outputError(err)
	case o.manage == "" && o.from == "":
		return errors.New("name the site: --manage path/to/manage.py, or --from a file with the output of manage.py diffsettings --all")
	case o.format != "json" && o.format != "env":
		return errors.New("--format must be json or env")
	}
	version, _ := inputs{cmd: cmd, getenv: a.getenv}.get("django-version")
	file, err := a.readSite(cmd.Context(), o, version)
	if err != nil {
		return err
	}
	if o.withoutSecrets {
		file = file.WithoutSecrets()
	}
	if o.check != "" {
		return a.checkSettings(file, o.check)
	}
	content, err := file.JSON()
	if err != nil {
		return err
	}
	settings, err := django.ParseSettings(content)
	if err != nil {
		return fmt.Errorf("a defect of djsession: it cannot read the file that it made: %w", err)
	}
	for _, omitted := range file.Omitted {
		a.say("not carried over: " + omitted.Setting + ": " + omitted.Why)
	}
	a.reportInvalid(settings, o)
	if o.format == "env" {
		if content, err = environment(file, settings); err != nil {
			return err
		}
	}
	return a.writeSettings(content, o)
}

// reportInvalid says what the settings lack that a Go service needs. The file is written all
// the same: it says what the site says.
func (a *app) reportInvalid(settings django.Settings, o siteImport) {
	if settings.SecretKey == "" && o.withoutSecrets {
		settings.SecretKey = "absent"
	}
	if err := settings.Validate(); err != nil {
		a.say("these settings cannot be used as they are: " + err.Error())
	}
}

// readSite returns the settings of the site.
func (a *app) readSite(ctx context.Context, o siteImport, version string) (sitesettings.File, error) {
	dump, err := a.dump(ctx, o)
	if err != nil {
		return sitesettings.File{}, err
	}
	return sitesettings.Convert(dump, sitesettings.Options{DjangoVersion: version})
}

// maxDump is how many bytes of --from are read.
const maxDump = 64 << 20

func (a *app) dump(ctx context.Context, o siteImport) (sitesettings.Dump, error) {
	if o.manage != "" {
		project, err := managepy.Start(ctx, managepy.Options{Manage: o.manage, Python: o.python})
		if err != nil {
			first, rest, more := strings.Cut(err.Error(), "\n")
			if more {
				err = &quotingError{first, rest}
			}
			return sitesettings.Dump{}, err
		}
		defer project.Close()
		var reprs map[string]string
		if err := project.Call(ctx, "settings", nil, &reprs); err != nil {
			return sitesettings.Dump{}, err
		}
		return sitesettings.FromReport(reprs)
	}
	in := io.NopCloser(a.stdin)
	if o.from != "-" {
		file, err := os.Open(o.from)
		if err != nil {
			return sitesettings.Dump{}, err
		}
		in = file
	}
	text, err := io.ReadAll(io.LimitReader(in, maxDump+1))
	if err = errors.Join(err, in.Close()); err != nil {
		return sitesettings.Dump{}, err
	}
	if len(text) > maxDump {
		return sitesettings.Dump{}, fmt.Errorf("--from: this is larger than %d MiB, and no dump of settings", maxDump>>20)
	}
	dump, err := sitesettings.Read(text)
	if err != nil {
		return dump, fmt.Errorf("--from: %w", err)
	}
	return dump, nil
}

// checkSettings prints what differs between the site and a settings file.
func (a *app) checkSettings(site sitesettings.File, name string) error {
	content, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if _, err := django.ParseSettings(content); err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	differing, missing, err := site.Differences(content)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		a.say("not compared, because this dump does not have them: " + strings.Join(missing, ", ") + "; use --manage")
	}
	if len(differing) == 0 {
		return nil
	}
	for _, name := range differing {
		if err := a.printLine([]byte(name)); err != nil {
			return err
		}
	}
	return answerNo("%s of %q no longer what the site says; make the file again", count(int64(len(differing)), "setting"), name)
}

// environment returns the settings as variables: those of django.LoadSettings, and those that
// only the command has.
func environment(file sitesettings.File, s django.Settings) ([]byte, error) {
	content, err := file.Environment()
	if err != nil {
		return nil, err
	}
	has := map[string]bool{}
	for _, e := range file.Entries {
		has[sitesettings.Variable(e.Name)] = true
	}
	values := flagValues(s)
	for _, setting := range settings {
		if value, ok := values[setting.flag]; ok && !has[setting.env] {
			content = append(content, sitesettings.Assignment(setting.env, value)...)
		}
	}
	return content, nil
}

// writeSettings writes the settings to --output, or to stdout.
func (a *app) writeSettings(content []byte, o siteImport) error {
	if o.output == "" {
		_, err := a.stdout.Write(content)
		return outputError(err)
	}
	mode := os.FileMode(0o600)
	if o.withoutSecrets {
		mode = 0o644
	}
	return replaceFile(o.output, content, mode)
}

// replaceFile writes a file at once: who reads it finds the old or the new one. What a symbolic
// link leads to is replaced, not the link. A device or a pipe is written to.
func replaceFile(name string, content []byte, mode os.FileMode) error {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("--output: %q is a directory: name a file in it", name)
	case !info.Mode().IsRegular():
		return os.WriteFile(name, content, mode)
	default:
		if name, err = filepath.EvalSymlinks(name); err != nil {
			return err
		}
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return fmt.Errorf("--output: a file cannot be made in the directory of %q: %w", name, err)
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Chmod(mode), f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
