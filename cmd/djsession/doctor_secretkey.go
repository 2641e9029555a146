package main

import (
	"context"
	"encoding/base64"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// mistakenKey is a way in which a SECRET_KEY gets changed between settings.py and the service.
type mistakenKey struct {
	problem string
	// made returns what the service gets for the site's key, which is known only to some of
	// them; or undone returns the site's key from what the service got.
	made, undone func(key string) string
	what, change string // of the key; what to do
}

var shellVariable = regexp.MustCompile(`\$(\w+|\{\w*\}|[#?*@!$-])`)

var keyMistakes = []mistakenKey{
	{problem: "secret-key-blanks", undone: strings.TrimSpace, what: "has a blank or line break at its start or end that the site's key does not have",
		change: "remove it; echo adds a line break, printf does not"},
	{problem: "secret-key-blanks", made: strings.TrimSpace, what: "lacks a blank or line break at its end that the site's has: the site reads it from a file without strip()",
		change: "strip it in settings.py, which ends all sessions, or add it here"},
	{problem: "secret-key-quotes", undone: withoutQuotes, what: "has quotes around it that are not part of the key",
		change: "remove them; Docker's --env-file and systemd's unquoted files take them literally"},
	{problem: "secret-key-line", undone: withoutName, what: "is a whole line of a .env file, NAME=key",
		change: "set it to what is after the ="},
	{problem: "secret-key-repr", undone: unrepresented, what: `is Python's repr of the key, b'…' with its escapes`,
		change: "print the key itself, or let djsession settings --manage carry it over"},
	{problem: "secret-key-shell", undone: func(k string) string { return strings.ReplaceAll(k, "$$", "$") }, what: "has $$ where the site's has $",
		change: "write one $; only Compose files need two"},
	{problem: "secret-key-shell", undone: func(k string) string { return strings.ReplaceAll(k, `\`, "") }, what: "has backslashes that the site's key does not have",
		change: "put the key into single quotes, without backslashes"},
	{problem: "secret-key-shell", undone: func(k string) string { return strings.ReplaceAll(k, "%%", "%") }, what: "has %% where the site's has %", change: "write one %"},
	{problem: "secret-key-shell", made: func(k string) string { return shellVariable.ReplaceAllString(k, "") }, what: "lacks the parts after $ that a shell took for variables",
		change: "put the key into single quotes"},
	{problem: "secret-key-shell", made: func(k string) string { return os.Expand(k, func(string) string { return "" }) }, what: "lacks the parts after $ that a shell took for variables",
		change: "put the key into single quotes"},
	{problem: "secret-key-shell", made: func(k string) string { return strings.ReplaceAll(k, "$$", "$") }, what: "has $ where the site's has $$", change: "put the key into single quotes, or double each $ in a Compose file"},
	{problem: "secret-key-shell", made: func(k string) string { return strings.ReplaceAll(k, `\`, "") }, what: "lacks the site's backslashes", change: "put the key into single quotes"},
	{problem: "secret-key-shell", made: func(k string) string { return strings.NewReplacer(`"`, "", "'", "").Replace(k) }, what: "lacks the site's quotation marks", change: "put the key into single quotes, and write '\\'' for one in it"},
	{problem: "secret-key-comment", made: func(k string) string { before, _, _ := strings.Cut(k, "#"); return strings.TrimSpace(before) }, what: "ends before the # in the site's, where a .env file begins a comment",
		change: "put the key into quotes in that file"},
	{problem: "secret-key-escaped", undone: func(k string) string { text, _ := url.PathUnescape(k); return text }, what: "is percent-encoded", change: "set the key as it is"},
	{problem: "secret-key-escaped", undone: decoded64, what: "is the site's key in base64, as in a Kubernetes Secret's data", change: "decode it, or write it under stringData"},
}

func withoutQuotes(key string) string {
	key = strings.TrimSpace(key)
	if len(key) >= 2 && (key[0] == '"' || key[0] == '\'') && key[len(key)-1] == key[0] {
		return key[1 : len(key)-1]
	}
	return key
}

var nameBefore = regexp.MustCompile(`^\s*(export\s+)?[A-Z][A-Z0-9_]*=`)

// withoutName returns the value of a line NAME=value.
func withoutName(line string) string {
	name := nameBefore.FindString(line)
	if name == "" {
		return line
	}
	return withoutQuotes(line[len(name):])
}

// unrepresented returns the key whose repr this is: a bytes or str literal.
func unrepresented(key string) string {
	text := strings.TrimPrefix(strings.TrimSpace(key), "b")
	if inner := withoutQuotes(text); inner != text {
		if plain, err := strconv.Unquote(`"` + strings.ReplaceAll(strings.ReplaceAll(inner, `\'`, `'`), `"`, `\"`) + `"`); err == nil {
			return plain
		}
		return inner
	}
	return key
}

func decoded64(key string) string {
	text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(key))
	if err != nil {
		return key
	}
	return strings.TrimRight(string(text), "\n")
}

// mistakeIn returns what happened to a key on its way, or nil if nothing is known.
func mistakeIn(mine, theirs string) *mistakenKey {
	for i, m := range keyMistakes {
		if m.undone != nil && m.undone(mine) == theirs || m.made != nil && m.made(theirs) == mine {
			return &keyMistakes[i]
		}
	}
	if expanded(mine, theirs) {
		return &mistakenKey{problem: "secret-key-shell", what: "has other text where the site's has $: a shell or Compose replaced variables", change: "put the key into single quotes, or double each $ in a Compose file"}
	}
	return nil
}

// expanded reports whether mine is theirs with any text in the place of each variable.
func expanded(mine, theirs string) bool {
	literals := shellVariable.Split(theirs, -1)
	if len(literals) < 2 || len(strings.Join(literals, "")) < 8 {
		return false
	}
	for i := range literals {
		literals[i] = regexp.QuoteMeta(literals[i])
	}
	return regexp.MustCompile("^(?s:" + strings.Join(literals, ".*") + ")$").MatchString(mine)
}

// checkSecretKey compares the key with the site's. Without the site's it looks for signs that the
// key was changed on its way, unless it reads sessions.
func (d *doctor) checkSecretKey(context.Context) []diagnosis {
	if !needsKey(d.in, d.s.engine) {
		return inapplicable("the engine %s has no signatures", d.s.engine)
	}
	mine, place := d.set.SecretKey, d.place("secret-key")
	if _, inFile := d.in.get("secret-key-file"); inFile {
		place = d.place("secret-key-file")
	}
	if d.theirs == nil && d.keyReads {
		return passed("%s reads sessions", place)
	}
	if d.theirs == nil {
		return orRight(suspiciousKey(mine, place), "%s is set, and looks like a key", place)
	}
	theirs := d.theirs.SecretKey
	switch m := mistakeIn(mine, theirs); {
	case mine == theirs:
		return passed("%s is the site's SECRET_KEY", place)
	case slices.Contains(d.theirs.SecretKeyFallbacks, mine):
		return failLocal("secret-key-old", place+" is one of the site's SECRET_KEY_FALLBACKS: the site has a new key", "set it to the site's SECRET_KEY, and put the old one into "+d.place("secret-key-fallbacks"))
	case slices.Contains(d.set.SecretKeyFallbacks, theirs):
		return failLocal("secret-key-swapped", "the site's SECRET_KEY is among "+d.place("secret-key-fallbacks")+", and "+place+" is another key: Django reads no session that is signed here", "set "+place+" to the site's SECRET_KEY")
	case m != nil:
		return failLocal(m.problem, place+" "+m.what, m.change)
	case len(mine) < len(theirs) && strings.HasPrefix(theirs, mine):
		return failLocal("secret-key-truncated", place+" is only the beginning of the site's SECRET_KEY", "set it to the whole key, in single quotes")
	}
	return failLocal("secret-key-wrong", place+" is not the site's SECRET_KEY", "set it to the site's SECRET_KEY, or make a settings file: djsession settings --manage "+d.o.manage+" --output djsession.json")
}

// suspiciousKey returns what a key looks like that was changed on its way.
func suspiciousKey(key, place string) []diagnosis {
	for _, m := range keyMistakes[:5] { // those that show
		if m.undone != nil && m.undone(key) != key {
			return warn(m.problem, place+" probably "+m.what, m.change)
		}
	}
	switch {
	case strings.HasPrefix(key, "$") && shellVariable.FindString(key) == key:
		return warn("secret-key-shell", place+" looks like the name of a variable that was not replaced", "check how the variable is set")
	case len(key) < 20:
		return warn("secret-key-truncated", place+" is short for a SECRET_KEY: it may have been cut at a character that is special to a shell", "compare its length with the site's")
	}
	return nil
}
