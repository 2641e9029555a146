package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var commands = []string{"decode", "encode", "list", "show", "get", "create", "set", "unset", "delete", "clearsessions", "copy", "whoami", "login", "logout", "doctor"}

// Each command explains itself on stdout, with an example and the settings that it
// uses, and no others.
func TestHelp(t *testing.T) {
	c := newCLI(t)
	root := c.ok("--help")
	if again := c.ok("help"); again != root {
		t.Error("help differs from --help")
	}
	for _, s := range settings {
		if !strings.Contains(root, "--"+s.flag+" ") || !strings.Contains(root, "["+s.env+"]") {
			t.Errorf("the help does not list --%s", s.flag)
		}
	}
	used := map[string][]group{
		"decode": {groupSigning}, "encode": {groupSigning}, "list": {groupSigning, groupSessions}, "show": {groupSigning, groupSessions}, "get": {groupSigning, groupSessions},
		"create": {groupSigning, groupSessions}, "set": {groupSigning, groupSessions}, "unset": {groupSigning, groupSessions},
		"delete": {groupSessions}, "clearsessions": {groupSigning, groupSessions}, "copy": {groupSigning, groupSessions},
		"whoami": {groupSigning, groupSessions, groupUsers, groupLogins}, "login": {groupSigning, groupSessions, groupUsers, groupLogins, groupPassword}, "logout": {groupSigning, groupSessions, groupUsers}, "doctor": {groupSigning, groupSessions, groupUsers, groupLogins},
	}
	for _, name := range commands {
		if !strings.Contains(root, "\n  "+name+" ") {
			t.Errorf("the help does not list %s", name)
		}
		text := c.ok(name, "--help")
		if again := c.ok("help", name); again != text {
			t.Errorf("help %s differs from %s --help", name, name)
		}
		if again := c.ok("--use-tz", "True", "help", name); again != text {
			t.Errorf("help %s differs after a flag", name)
		}
		for _, part := range []string{"Usage:\n  djsession " + name, "Examples:\n  ", "--engine"} {
			if !strings.Contains(text, part) {
				t.Errorf("the help of %s has no %q", name, part)
			}
		}
		for _, s := range settings {
			shown := strings.Contains(text, " --"+s.flag+" ") && strings.Contains(text, "["+s.env+"]")
			if want := s.group == groupEngine || s.group == groupFile || slices.Contains(used[name], s.group); shown != want {
				t.Errorf("the help of %s lists --%s: %v, want %v", name, s.flag, shown, want)
			}
			completed := strings.Contains(c.run("__complete", name, "--"+s.flag).stdout, "--"+s.flag+"\t")
			if want := s.group == groupEngine || s.group == groupFile || slices.Contains(used[name], s.group); completed != want {
				t.Errorf("%s completes --%s: %v, want %v", name, s.flag, completed, want)
			}
		}
	}
	if r := newCLI(t).run("--version"); r.status != 0 || !strings.HasPrefix(r.stdout, "djsession version ") {
		t.Errorf("--version: %+v", r)
	}
}

// Commands accept the flags that they do not use, so that a script can pass the
// same ones to each.
func TestUnusedFlagsAreAccepted(t *testing.T) {
	c := newSite(t)
	c.ok("--user-table", "people", "clearsessions", "--secret-key", "x", "--django-version", "none")
}

// TestDocumentation: the page in docs names every command, flag and variable
// that there is, and no other.
func TestDocumentation(t *testing.T) {
	page, err := os.ReadFile("../../docs/command-line.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	known := []string{"--help", "--version", "--update", "--overwrite", "--prune", "--timestamp", "--limit", "--expired", "--json", "--pretty", "--meta", "--user", "--dry-run", "--manage", "--python", "--from", "--snippet", "--output", "--format", "--without-secrets", "--check", "--all", "--django-url", "--go-url", "--proxy-header", "--read-only", "--env-file"}
	for _, s := range settings {
		known = append(known, "--"+s.flag)
		if !strings.Contains(text, "`"+s.env+"`") {
			t.Errorf("the page has no variable %s", s.env)
		}
	}
	for _, flag := range known {
		if !strings.Contains(text, flag) {
			t.Errorf("the page has no flag %s", flag)
		}
	}
	for _, s := range targetSettings() {
		known = append(known, "--"+s.ofTarget().flag)
	}
	for _, flag := range regexp.MustCompile(`--[a-z][a-z-]*`).FindAllString(text, -1) {
		if !slices.Contains(known, flag) {
			t.Errorf("the page has a flag %s, the command has not", flag)
		}
	}
	for _, name := range append([]string{"settings"}, commands...) {
		if !strings.Contains(text, "\n### "+name+"\n") {
			t.Errorf("the page has no section on %s", name)
		}
	}
}

func TestCompletion(t *testing.T) {
	c := newSite(t)
	c.create("{}")
	for shell, part := range map[string]string{
		"bash": "complete -o default -F __start_djsession djsession", "zsh": "#compdef djsession",
		"fish": "complete -c djsession", "powershell": "Register-ArgumentCompleter",
	} {
		if script := c.ok("completion", shell); !strings.Contains(script, part) {
			t.Errorf("the script for %s has no %q", shell, part)
		}
	}
	// What the scripts ask.
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"se"}, "set\tSet one value of a session\nsettings\tMake a settings file from a Django site\n:4\n"},
		{[]string{"list", "--ex"}, "--expired\tlist the expired sessions instead of the others\n:4\n"},
		{[]string{"list", "--engine", ""}, "db\ncached_db\ncache\nfile\nsigned_cookies\n:4\n"},
		{[]string{"list", "--use-tz", ""}, "True\nFalse\n:4\n"},
		{[]string{"encode", "--session-format", ""}, "modern\npre31\n:4\n"},
		{[]string{"list", "--secret-key-file", ""}, ":0\n"}, // files
		{[]string{"list", "--database-url", ""}, ":4\n"},
		{[]string{"list", "--limit", ""}, ":4\n"},
		{[]string{"show", ""}, ":4\n"}, // a session's key is a secret
		{[]string{"help", "un"}, "unset\tRemove one value of a session\n:4\n"},
	} {
		r := c.run(append([]string{"__complete"}, test.args...)...)
		if r.status != 0 || r.stdout != test.want {
			t.Errorf("completing %q: status %d, %q, want %q", test.args, r.status, r.stdout, test.want)
		}
	}
}
