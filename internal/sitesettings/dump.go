package sitesettings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/djsession/djsession/internal/pyliteral"
	"github.com/djsession/djsession/internal/textfile"
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

// colours are the escape sequences that a terminal's colours are made of.
var colours = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// Read reads a dump in either of the two forms of a text.
func Read(content []byte) (Dump, error) {
	content, err := textfile.UTF8(content)
	if err != nil {
		return Dump{}, fmt.Errorf("%w; let manage.py write UTF-8: set PYTHONIOENCODING=utf-8", err)
	}
	content = colours.ReplaceAll(content, nil)
	if text := snippetIn(content); text != nil {
		return readJSON(text)
	}
	dump, err := readDiffsettings(string(content))
	if text := bytes.TrimSpace(content); err == errOther && bytes.HasPrefix(text, []byte("{")) {
		return readJSON(text)
	}
	return dump, err
}

// snippetIn returns the content from the JSON of the snippet on, or nil. Before it may be lines
// of the project's, which may be JSON too, and the prompts of the shell.
func snippetIn(content []byte) []byte {
	before := content[:max(0, bytes.LastIndex(content, []byte(`"SESSION_COOKIE_NAME":`)))]
	for {
		i := bytes.LastIndex(before, []byte(`{"`))
		if i < 0 {
			return nil
		}
		if line := bytes.TrimRight(before[:i], ">. "); len(line) == 0 || line[len(line)-1] == '\n' {
			return content[i:]
		}
		before = before[:i]
	}
}

var errOther = errors.New("this is neither the output of `manage.py diffsettings --all` nor that of the snippet; see djsession settings --help")

func readJSON(text []byte) (Dump, error) {
	var all map[string]json.RawMessage
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&all); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return Dump{}, fmt.Errorf("the JSON is damaged at byte %d of %d: print it again", syntax.Offset, len(text))
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return Dump{}, fmt.Errorf("the JSON is broken off after %d bytes: print it again", len(text))
		}
		return Dump{}, errOther
	}
	if _, ok := all[FormatKey]; ok {
		return Dump{}, errors.New("this is a settings file already: use it with --settings, or compare it with --check")
	}
	reprs := map[string]string{}
	for name, value := range all {
		var text string
		if json.Unmarshal(value, &text) != nil {
			return Dump{}, errOther
		}
		reprs[name] = text
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

// add adds a setting that matters. Of one that may matter only the name is kept: it is a
// package's or the site's own, and its value may be anything.
func (d *Dump) add(name, text string) error {
	var v pyliteral.Value = pyliteral.Opaque{}
	if !known(name) && !related(name) {
		return nil
	}
	if known(name) {
		var err error
		if v, err = pyliteral.Parse(text); err != nil {
			return err
		}
	}
	d.values[name] = v
	return nil
}

// check returns an error if a dump is not one of all settings.
func (d *Dump) check() error {
	for _, name := range []string{"SECRET_KEY", "SESSION_ENGINE", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "USE_TZ", "USE_X_FORWARDED_PORT"} {
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
	n, name := 0, "" // the line, and the last setting
	for line := range strings.Lines(text) {
		n++
		ended := strings.HasSuffix(line, "\n")
		line = strings.TrimRight(line, "\r\n")
		match := settingLine.FindStringSubmatch(line)
		switch {
		case match == nil && !known(name), line == "", strings.HasPrefix(line, "- "):
			// What the project printed, a value with line breaks that does not matter, or a
			// default that the site replaces.
			continue
		case match == nil && ended:
			return Dump{}, fmt.Errorf("line %d is not a setting: the output of diffsettings has one on each line, NAME = value", n)
		case match == nil:
			return Dump{}, fmt.Errorf("line %d is cut off: keep the whole output of diffsettings", n)
		}
		name = match[1]
		d.lines[name] = n
		if err := d.add(name, match[2]); err != nil {
			return Dump{}, fmt.Errorf("line %d, setting %s: %w", n, name, err)
		}
	}
	if name == "" {
		return Dump{}, errOther
	}
	return d, d.check()
}
