package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/managepy"
	"github.com/djsession/djsession/internal/sitesettings"
)

// doctorFlags are the flags of the command doctor.
type doctorFlags struct {
	manage, python       string
	djangoURL, goURL     string
	proxyHeaders         []string
	readOnly, asJSON     bool
	djangoSide, goSide   *url.URL // parsed
	proxyHeaderOverrides [][2]string
}

// doctor is one run of the command: what the checks found out, for those that come later.
type doctor struct {
	*app
	cmd *cobra.Command
	o   doctorFlags

	in  inputs          // the settings of the Go service
	set django.Settings // the same, as Django's

	project *managepy.Project // of --manage, or nil
	file    sitesettings.File // what the site says
	theirs  *django.Settings  // the same, or nil

	sameSettings bool // the service's are the site's
	localCache   bool // the site's cache is in the memory of its processes

	s        *site // opened step by step
	stored   []storedSession
	keyReads bool // the secret key reads some of them
	users    bool // the user table can be used
}

func (a *app) doctorCommand() *cobra.Command {
	var o doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor [--manage FILE] [--django-url URL --go-url URL]",
		Short: "Check a set-up and say what is wrong with it",
		Long: `Doctor checks the settings, the database or cache, the newest sessions, logins,
clocks and cookies, and prints a line for each check:

  ✓  right
  !  works, and may surprise
  ✗  wrong; the line below says what to change
  –  skipped, and why

A problem has a name, such as secret-key-old, that docs/troubleshooting.md explains.
The exit status is 0 without a failure (✗), 1 with one, and 2 for wrong usage.

With --manage it compares the settings with the site's own. Without --settings and
variables it takes them all from the site. It then stores a session with the site's
Django and one from here, lets the other side read it, and deletes both; --read-only
leaves that out. Without --manage it changes nothing.

With --django-url and --go-url, the addresses that visitors see, it checks whether
browsers accept the cookies and send them to both, and which origin each side takes
a request for. It assumes a proxy that sends X-Forwarded-Proto, -Host and -Port;
with --proxy-header, name what yours sends instead.`,
		Example: `  djsession doctor --manage ../site/manage.py
  djsession doctor --settings djsession.json --django-url https://example.com --go-url https://example.com/cart/
  djsession doctor --json | jq '.checks[] | select(.status == "failure")'`,
		Annotations: using(groupSigning, groupSessions, groupUsers, groupLogins),
		Args:        needArgs(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.parse(); err != nil {
				return err
			}
			d := &doctor{app: a, cmd: cmd, o: o, s: &site{}}
			defer d.close()
			return d.examine(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.manage, "manage", "", "the site's manage.py")
	flags.StringVar(&o.python, "python", "", "the Python to run it with; default that of a virtual environment beside it, or on PATH")
	flags.StringVar(&o.djangoURL, "django-url", "", "the address of the Django site for visitors, such as https://example.com/")
	flags.StringVar(&o.goURL, "go-url", "", "that of the Go service, such as https://example.com/cart/")
	flags.StringArrayVar(&o.proxyHeaders, "proxy-header", nil, "a header that the proxy sends to both, such as 'X-Forwarded-Proto: https'; may be repeated")
	flags.BoolVar(&o.readOnly, "read-only", false, "with --manage, store no session")
	flags.BoolVar(&o.asJSON, "json", false, "print a JSON object")
	for _, name := range []string{"manage", "python"} {
		noError(cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault)))
	}
	return cmd
}

// parse reads the flags that are not plain texts.
func (o *doctorFlags) parse() (err error) {
	for _, side := range []struct {
		flag, text string
		into       **url.URL
	}{{"--django-url", o.djangoURL, &o.djangoSide}, {"--go-url", o.goURL, &o.goSide}} {
		if side.text == "" {
			continue
		}
		u, err := url.Parse(side.text)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
			return fmt.Errorf("%s must be an address such as https://example.com/shop/", side.flag)
		}
		if u.Path == "" {
			u.Path = "/"
		}
		*side.into = u
	}
	if (o.djangoSide == nil) != (o.goSide == nil) {
		return errors.New("--django-url and --go-url belong together: set both")
	}
	for _, header := range o.proxyHeaders {
		name, value, ok := strings.Cut(header, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return errors.New("--proxy-header must be a name and a value, such as 'X-Forwarded-Proto: https'")
		}
		o.proxyHeaderOverrides = append(o.proxyHeaderOverrides, [2]string{strings.TrimSpace(name), strings.TrimSpace(value)})
	}
	return nil
}

// doctorCheck is a check. It runs if those that it needs did not fail.
type doctorCheck struct {
	name  string
	needs []string
	run   func(d *doctor, ctx context.Context) []diagnosis
	limit time.Duration // 0 is checkTime
}

// checkTime bounds a check.
const checkTime = 15 * time.Second

// doctorChecks are the checks, in their order.
var doctorChecks = []doctorCheck{
	{name: "site", run: (*doctor).checkSite, limit: time.Minute},
	{name: "settings", needs: []string{"site"}, run: (*doctor).checkSettings},
	{name: "carried-over", needs: []string{"settings"}, run: (*doctor).checkCarriedOver},
	{name: "same-settings", needs: []string{"settings"}, run: (*doctor).checkSameSettings},
	{name: "cookies", needs: []string{"settings"}, run: (*doctor).checkCookies},
	{name: "origins", needs: []string{"settings"}, run: (*doctor).checkOrigins},
	{name: "database", needs: []string{"settings"}, run: (*doctor).checkDatabase},
	{name: "primary", needs: []string{"database"}, run: (*doctor).checkPrimary},
	{name: "durability", needs: []string{"database"}, run: (*doctor).checkDurability},
	{name: "pooler", needs: []string{"database"}, run: (*doctor).checkPooler},
	{name: "table", needs: []string{"database"}, run: (*doctor).checkTable},
	{name: "rights", needs: []string{"table"}, run: (*doctor).checkRights},
	{name: "cache", needs: []string{"settings"}, run: (*doctor).checkCache},
	{name: "eviction", needs: []string{"cache"}, run: (*doctor).checkEviction},
	{name: "files", needs: []string{"settings"}, run: (*doctor).checkFiles},
	{name: "engine", needs: []string{"table", "cache", "files"}, run: (*doctor).checkEngine},
	{name: "sessions", needs: []string{"engine"}, run: (*doctor).checkSessions},
	{name: "secret-key", needs: []string{"settings"}, run: (*doctor).checkSecretKey},
	{name: "expiry", needs: []string{"engine"}, run: (*doctor).checkExpiry},
	{name: "clock", needs: []string{"settings"}, run: (*doctor).checkClock},
	{name: "backlog", needs: []string{"engine"}, run: (*doctor).checkBacklog},
	{name: "copies", needs: []string{"engine"}, run: (*doctor).checkCopies},
	{name: "users", needs: []string{"database", "engine"}, run: (*doctor).checkUsers},
	{name: "logins", needs: []string{"sessions", "users"}, run: (*doctor).checkLogins},
	{name: "round-trip", needs: []string{"engine"}, run: (*doctor).checkRoundTrip, limit: time.Minute},
}

// examine runs all checks and prints what they found.
func (d *doctor) examine(ctx context.Context) error {
	r := report{Version: version(), Checks: []diagnosis{}}
	failed := map[string]bool{}
	for _, check := range doctorChecks {
		found := d.runCheck(ctx, check, failed)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		for _, one := range found {
			one.Check = check.name
			one = one.hidden(d.app)
			r.add(one)
			failed[check.name] = failed[check.name] || one.blocked || one.Status == markFailure && !one.local
			if d.o.asJSON || one.blocked || one.hiding {
				continue
			}
			if err := d.printDiagnosis(one); err != nil {
				return err
			}
		}
	}
	r.Engine = d.s.engine
	if err := d.printEnd(r); err != nil {
		return err
	}
	return r.verdict()
}

// printEnd prints the JSON object, or which checks could not run.
func (d *doctor) printEnd(r report) error {
	if d.o.asJSON {
		text, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		return d.printLine(text)
	}
	var blocked []string
	for _, one := range r.Checks {
		if one.blocked {
			blocked = append(blocked, one.Check)
		}
	}
	if len(blocked) == 0 {
		return nil
	}
	return d.printDiagnosis(diagnosis{Check: "skipped", Status: markSkipped, Found: "because of the failures above: " + strings.Join(blocked, ", ")})
}

// runCheck runs one check, unless one that it needs has failed.
func (d *doctor) runCheck(ctx context.Context, check doctorCheck, failed map[string]bool) []diagnosis {
	for _, name := range check.needs {
		if failed[name] {
			return []diagnosis{{Status: markSkipped, Found: "because the check " + name + " failed", blocked: true}}
		}
	}
	limit := check.limit
	if limit == 0 {
		limit = checkTime
	}
	short, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return check.run(d, short)
}

// close ends what the checks opened.
func (d *doctor) close() {
	_ = d.s.close()
	if d.project != nil {
		_ = d.project.Close()
	}
}
