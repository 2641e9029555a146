package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// A key that each of shells, Python and JSON writes in another way.
const oddKey = `it's "quoted" $HOME \ ` + "`x`" + ` é` + "\n" + `end`

// onlyValidators is what a project of startproject has that is not carried over.
const onlyValidators = "djsession: not carried over: AUTH_PASSWORD_VALIDATORS: run in Django only: where Go sets passwords, check them first\n"

// TestSettingsCommand: all ways to the settings file agree, and the other commands and
// LoadSettings work with it.
func TestSettingsCommand(t *testing.T) {
	for i, d := range testenv.Djangos(t) {
		if os.Getenv("DJSESSION_MATRIX") != "full" && i > 0 && d.Name != testenv.NewestDjango(t).Name {
			continue // compat_test asks each Django for its settings
		}
		t.Run(d.String(), func(t *testing.T) {
			manage := d.Project(t, "SECRET_KEY = "+pythonText(oddKey)+"\n", nil)
			d.Run(t, filepath.Dir(manage), manage, "shell", "-c", "from django.contrib.auth import get_user_model as u; u().objects.create_user('ann', '', 'wonderland')")
			c := &cli{t: t, env: map[string]string{}}
			name := filepath.Join(t.TempDir(), "djsession.json")
			if r := c.run("settings", "--manage", manage, "--python", d.Python, "--output", name); r.status != 0 || r.stdout != "" || r.stderr != onlyValidators {
				t.Fatalf("%+v", r)
			}
			if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
				t.Errorf("%v, %v", info.Mode(), err)
			}
			settings, err := django.LoadSettings(name)
			if err != nil || settings.SecretKey != oddKey || settings.DjangoVersion != d.Version {
				t.Fatalf("%v, version %s", err, settings.DjangoVersion)
			}
			worksWith(t, c.with("DJSESSION_SETTINGS", name))

			snippet := feedShell(t, d, manage, c.ok("settings", "--snippet"))
			if r := c.feed(strings.NewReader(snippet), "settings", "--from", "-", "--check", name); r.status != statusDone || r.stdout != "" || !strings.Contains(r.stderr, "does not have them: SESSION_MODEL;") {
				t.Errorf("the snippet: %+v", r)
			}
			all := output(t, d, manage, "diffsettings", "--all")
			if r := c.feed(strings.NewReader(all), "settings", "--from", "-", "--django-version", d.Version, "--check", name); r.status != statusDone || r.stdout != "" || !strings.Contains(r.stderr, "does not have them: SESSION_MODEL, USER_MODEL;") {
				t.Errorf("diffsettings: %+v", r)
			}
			if r := c.run("settings", "--manage", manage, "--python", d.Python, "--check", name); r.status != 0 || r.stdout+r.stderr != "" {
				t.Errorf("--check: %+v", r)
			}
			env := c.feed(strings.NewReader(snippet), "settings", "--from", "-", "--format", "env")
			worksWith(t, &cli{t: t, env: sourced(t, env.stdout)})
		})
	}
}

// worksWith: the command finds the site, and logs a user in.
func worksWith(t *testing.T, c *cli) {
	t.Helper()
	key := c.create(`{"cart": 1}`)
	if got := c.ok("get", key, "cart"); got != "1\n" {
		t.Errorf("get prints %q", got)
	}
	r := c.feed(strings.NewReader("wonderland\n"), "login", "ann")
	if r.status != 0 {
		t.Fatalf("login: %+v", r)
	}
	if got := c.ok("whoami", strings.Fields(r.stdout)[0]); !strings.Contains(got, "ann") {
		t.Errorf("whoami prints %q", got)
	}
}

// pythonText returns a Python literal.
func pythonText(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`, "\n", `\n`).Replace(text) + "'"
}

// output returns what a command of manage.py prints.
func output(t *testing.T, d testenv.Django, manage string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), d.Python, append([]string{manage}, args...)...)
	text, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func feedShell(t *testing.T, d testenv.Django, manage, program string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), d.Python, manage, "shell")
	cmd.Stdin = strings.NewReader(program)
	text, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sourced returns the variables that a POSIX shell reads from a text.
func sourced(t *testing.T, text string) map[string]string {
	t.Helper()
	needs(t, "sh")
	file := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "set -a; . "+file+"; env -0")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	variables := map[string]string{}
	for entry := range strings.SplitSeq(string(out), "\x00") {
		if name, value, ok := strings.Cut(entry, "="); ok {
			variables[name] = value
		}
	}
	return variables
}

// TestSettingsDrift: --check names what changed, without values, and a file without secrets can
// be compared.
func TestSettingsDrift(t *testing.T) {
	d := testenv.NewestDjango(t)
	manage := d.Project(t, "", nil)
	c := newCLI(t)
	name := filepath.Join(t.TempDir(), "djsession.json")
	if r := c.run("settings", "--manage", manage, "--python", d.Python, "--output", name, "--without-secrets"); r.status != 0 || r.stderr != onlyValidators {
		t.Fatalf("%+v", r)
	}
	content, err := os.ReadFile(name)
	if err != nil || strings.Contains(string(content), "django-insecure") || strings.Contains(string(content), "sqlite3") {
		t.Errorf("%v: secrets are in\n%s", err, content)
	}
	c.ok("settings", "--manage", manage, "--python", d.Python, "--check", name)
	appendTo(t, filepath.Join(filepath.Dir(manage), "mysite", "settings.py"), "SESSION_COOKIE_DOMAIN = 'hush.example'\nSECRET_KEY = 'hush'\n")
	r := c.run("settings", "--manage", manage, "--python", d.Python, "--check", name)
	if r.status != statusNegative || r.stdout != "SESSION_COOKIE_DOMAIN\n" || strings.Contains(r.stderr, "hush") {
		t.Errorf("%+v", r)
	}
}

func appendTo(t *testing.T, name, text string) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("\n" + text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// A project that does not start: our error first, then Django's.
func TestSettingsOfABrokenProject(t *testing.T) {
	d := testenv.NewestDjango(t)
	manage := d.Project(t, "", nil)
	appendTo(t, filepath.Join(filepath.Dir(manage), "mysite", "settings.py"), "import shop_that_is_missing\n")
	r := newCLI(t).run("settings", "--manage", manage, "--python", d.Python)
	ours, djangos := strings.Index(r.stderr, "djsession: "), strings.Index(r.stderr, "No module named 'shop_that_is_missing'")
	if r.status != statusFailed || r.stdout != "" || ours != 0 || djangos < strings.Index(r.stderr, "\n") {
		t.Errorf("%+v", r)
	}
}

func TestSettingsCommandErrors(t *testing.T) {
	c := newCLI(t)
	dir := t.TempDir()
	other := filepath.Join(dir, "other.json")
	if err := os.WriteFile(other, []byte(`{"SECRET_KEY": "hush"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(dir, "half.json")
	if err := os.WriteFile(half, []byte("{\n  \"DJSESSION_SETTINGS\": 1,\n  \"SECRET_KEY\": \"hush"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"settings"}, "name the site: --manage"},
		{[]string{"settings", "--from", "x", "--manage", "y"}, "none of the others can be"},
		{[]string{"settings", "--from", filepath.Join(dir, "missing")}, "no such file"},
		{[]string{"settings", "--from", other}, "setting SECRET_KEY: column"},
		{[]string{"settings", "--manage", filepath.Join(dir, "manage.py")}, "manage.py"},
		{[]string{"settings", "--from", other, "--format", "yaml"}, "--format must be json or env"},
		{[]string{"list", "--settings", filepath.Join(dir, "missing")}, "make it with djsession settings"},
		{[]string{"list", "--settings", other}, "not a settings file of djsession"},
		{[]string{"list", "--settings", half}, "line 3: the JSON is damaged or cut off"},
	} {
		if r := c.run(tt.args...); r.status != statusFailed || !strings.Contains(r.stderr, tt.want) || strings.Contains(r.stderr, "hush") {
			t.Errorf("%q: %+v, want %q", tt.args, r, tt.want)
		}
	}
}
