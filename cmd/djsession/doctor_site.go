package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/managepy"
	"github.com/djsession/djsession/internal/sitesettings"
)

// checkSite starts the site of --manage and asks for its settings. Without another settings
// file they are also the base of the service's.
func (d *doctor) checkSite(ctx context.Context) []diagnosis {
	if d.o.manage == "" {
		return skip("with --manage path/to/manage.py, the site's own settings are compared and a session makes a round trip")
	}
	// The project lives as long as the command.
	project, err := managepy.Start(d.cmd.Context(), managepy.Options{Manage: d.o.manage, Python: d.o.python})
	if err != nil {
		first, rest, _ := strings.Cut(err.Error(), "\n")
		found := fail("site-does-not-start", strings.TrimPrefix(first, "managepy: "), "run python "+d.o.manage+" check there, with the environment that the site has, and correct what it reports; name the site's Python with --python")
		if rest != "" {
			found[0].Detail = strings.Split(rest, "\n")
		}
		return found
	}
	d.project = project
	var reprs map[string]string
	if err := project.Call(ctx, "settings", nil, &reprs); err != nil {
		return failUnexpected(err)
	}
	dump, err := sitesettings.FromReport(reprs)
	if err == nil {
		d.file, err = sitesettings.Convert(dump, sitesettings.Options{})
	}
	if err != nil {
		return fail("site-settings", err.Error(), "correct the setting in settings.py, or set the environment variables from which it comes")
	}
	content, err := d.file.JSON()
	if err != nil {
		return failUnexpected(err)
	}
	theirs, err := django.ParseSettings(content)
	if err != nil {
		return failUnexpected(err)
	}
	d.theirs = &theirs
	d.addSecrets(theirs)
	return passed("Django %s on Python %s, %s", project.Info.Django, project.Info.Python, project.Info.SettingsModule)
}

// checkCarriedOver names what a settings file cannot hold.
func (d *doctor) checkCarriedOver(context.Context) []diagnosis {
	omitted, where := d.file.Omitted, "the site's settings"
	if name := d.in.file.name; d.settingsGiven() {
		var file struct {
			Omitted []sitesettings.Omission `json:"OMITTED"`
		}
		content, err := os.ReadFile(name)
		if err == nil {
			err = json.Unmarshal(content, &file)
		}
		if err != nil {
			return failUnexpected(err)
		}
		omitted, where = file.Omitted, fmt.Sprintf("%q", name)
	} else if d.theirs == nil {
		return skip("no settings file, and no --manage")
	}
	var problems []diagnosis
	for _, o := range omitted {
		problem := "not-carried-over"
		switch o.Kind {
		case sitesettings.KindValidators:
			continue // they have nothing to do with sessions
		case sitesettings.KindIgnoredErrors:
			problem = "ignore-exceptions"
		case sitesettings.KindLocalCache:
			d.localCache, problem = true, "cache-local"
		}
		problems = append(problems, warn(problem, o.Setting+" of "+where+": "+o.Why, "")...)
	}
	return orRight(problems, "nothing in %s is beyond what a settings file holds", where)
}

// settingsGiven reports whether --settings or its variable names a file.
func (d *doctor) settingsGiven() bool { return d.in.file.name != "" }

// checkSameSettings compares the service's settings with the site's.
func (d *doctor) checkSameSettings(context.Context) []diagnosis {
	if d.theirs == nil {
		return skip("without --manage, the site's settings are unknown")
	}
	var problems []diagnosis
	if d.settingsGiven() {
		content, err := os.ReadFile(d.in.file.name)
		if err != nil {
			return failUnexpected(err)
		}
		differing, _, err := d.file.Differences(content)
		if err != nil {
			return failUnexpected(err)
		}
		if len(differing) > 0 {
			problems = failLocal("settings-file-stale", fmt.Sprintf("%q differs from the site in %s", d.in.file.name, strings.Join(differing, ", ")),
				fmt.Sprintf("make it again: djsession settings --manage %s --output %s; a test with --check in the site's CI notices the next change", d.o.manage, d.in.file.name))
		}
	}
	differing := map[string][]string{}
	theirs := flagValues(*d.theirs)
	for _, s := range settings {
		problem, compared := differencesOf[s.flag]
		if !compared || !d.usedByEngine(s.flag) || d.fromFile(s.flag) {
			continue
		}
		mine, _ := d.in.get(s.flag)
		if !sameSetting(s.flag, mine, theirs[s.flag]) {
			differing[problem] = append(differing[problem], s.flag)
		}
	}
	for _, s := range settings {
		flags := differing[differencesOf[s.flag]]
		if len(flags) == 0 {
			continue
		}
		delete(differing, differencesOf[s.flag])
		problems = append(problems, d.differs(differencesOf[s.flag], flags, theirs)...)
	}
	d.sameSettings = len(problems) == 0
	return orRight(problems, "the settings are the site's")
}

// fromFile reports whether a setting comes from the settings file, which is compared as such.
func (d *doctor) fromFile(flag string) bool {
	if _, inFile := d.in.file.values[flag]; !inFile {
		return false
	}
	_, given := d.in.sources()[0](settingOf(flag))
	_, inEnvironment := d.in.sources()[1](settingOf(flag))
	return !given && !inEnvironment
}

// differs returns the diagnosis for settings that differ. It shows no values that may hold a
// password.
func (d *doctor) differs(problem string, flags []string, theirs map[string]string) []diagnosis {
	var places, changes []string
	for _, flag := range flags {
		place := d.place(flag)
		change := "set " + place + " to " + theirs[flag]
		switch {
		case flag == "database-url" || flag == "cache-url" || flag == "secret-key-fallbacks":
			change = "set " + place + " to the site's " + settingName(flag)
		case theirs[flag] == "":
			change = "remove " + place
		}
		places, changes = append(places, place), append(changes, change)
	}
	found := fmt.Sprintf("%s: not what the site's settings say", strings.Join(places, ", "))
	status := failLocal
	if problem == "cookie-age-differs" || problem == "fallbacks-differ" {
		status = warn
	}
	return status(problem, found, strings.Join(changes, "; "))
}
