package sitesettings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/djsession/djsession/internal/pyliteral"
)

// Snippet is Python code for `manage.py shell` whose output [Read] takes.
//
// Code that Django 2.2 reads from stdin cannot use its own names inside a comprehension.
const Snippet = `import json, operator, django; from django.conf import settings as s; from django.contrib.auth import get_user_model; u = get_user_model(); m = u._meta
d = dict(zip(filter(str.isupper, dir(s)), map(s.__getattr__, filter(str.isupper, dir(s))))); d.update(DJANGO_VERSION=django.get_version(), USER_MODEL={"label": m.label, "table": m.db_table, "id": m.pk.column, "key": m.pk.get_internal_type(), "username": u.USERNAME_FIELD, "columns": dict(map(operator.attrgetter("name", "column"), m.concrete_fields)), "hash": u.get_session_auth_hash.__module__ + "." + u.get_session_auth_hash.__qualname__})
print(json.dumps(dict(zip(d, map(repr, d.values())))))
`

// Dump is the settings of a project, as they were printed.
type Dump struct {
	values map[string]pyliteral.Value
	lines  map[string]int // where a setting is in a text of several lines
}

// Read reads a dump in either of the two forms of a text.
func Read(text []byte) (Dump, error) {
	if trimmed := bytes.TrimSpace(text); bytes.HasPrefix(trimmed, []byte("{")) {
		return readJSON(trimmed)
	}
	// A snippet's output may follow what the project or the shell itself printed.
	if i := bytes.LastIndex(text, []byte("\n{\"")); i >= 0 {
		return readJSON(bytes.TrimSpace(text[i:]))
	}
	return readDiffsettings(string(text))
}

var errOther = errors.New("this is neither the output of `manage.py diffsettings --all` nor that of the snippet; see djsession settings --help")

func readJSON(text []byte) (Dump, error) {
	var reprs map[string]string
	if err := json.Unmarshal(text, &reprs); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return Dump{}, fmt.Errorf("the JSON is broken off or damaged at byte %d of %d: print it again", syntax.Offset, len(text))
		}
		return Dump{}, errOther
	}
	return FromReport(reprs)
}

// FromReport returns the dump of settings by name, each as its repr.
func FromReport(reprs map[string]string) (Dump, error) {
	d := Dump{values: map[string]pyliteral.Value{}}
	for name, text := range reprs {
		if err := d.add(name, text); err != nil {
			return Dump{}, fmt.Errorf("setting %s: %w", name, err)
		}
	}
	return d, d.check()
}

// add adds a setting. One that is not used may be anything.
func (d *Dump) add(name, text string) error {
	if !used(name) {
		return nil
	}
	v, err := pyliteral.Parse(text)
	if err != nil {
		return err
	}
	d.values[name] = v
	return nil
}

// check returns an error if a dump is not one of all settings.
func (d *Dump) check() error {
	for _, name := range []string{"SECRET_KEY", "SESSION_ENGINE", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "USE_TZ", "USE_X_FORWARDED_HOST"} {
		if _, ok := d.values[name]; !ok {
			return fmt.Errorf("the dump has no %s: it is not complete; run `manage.py diffsettings --all` and keep its whole output", name)
		}
	}
	return nil
}

// settingLine is a line of diffsettings: ### before or after marks Django's own defaults, and
// + and - lines that --output unified compares.
var settingLine = regexp.MustCompile(`^(?:### |[ +-] )?([A-Z][A-Z0-9_]*) = (.*?)(?:  ###)?$`)

// readDiffsettings reads the output of `manage.py diffsettings --all`.
func readDiffsettings(text string) (Dump, error) {
	d := Dump{values: map[string]pyliteral.Value{}, lines: map[string]int{}}
	n, found := 0, 0
	for line := range strings.Lines(text) {
		n++
		ended := strings.HasSuffix(line, "\n")
		line = strings.TrimRight(line, "\r\n")
		match := settingLine.FindStringSubmatch(line)
		switch {
		case match == nil && found == 0, line == "", strings.HasPrefix(line, "- "):
			continue // what the project printed first, or a default that the site replaces
		case match == nil && ended:
			return Dump{}, fmt.Errorf("line %d is not a setting: the output of diffsettings has one on each line, NAME = value", n)
		case match == nil:
			return Dump{}, fmt.Errorf("line %d is cut off: keep the whole output of diffsettings", n)
		}
		found++
		d.lines[match[1]] = n
		if err := d.add(match[1], match[2]); err != nil {
			return Dump{}, fmt.Errorf("line %d, setting %s: %w", n, match[1], err)
		}
	}
	if found == 0 {
		return Dump{}, errOther
	}
	return d, d.check()
}
