package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// snippetText is what the snippet prints in a small site; settings replace or add some.
func snippetText(settings ...string) string {
	all := `{"DJANGO_VERSION": "'5.2'", "SECRET_KEY": "'hush'", "SESSION_ENGINE": "'django.contrib.sessions.backends.db'", "SESSION_COOKIE_NAME": "'sessionid'", "CSRF_COOKIE_NAME": "'csrftoken'", "USE_TZ": "True", "USE_X_FORWARDED_PORT": "False"`
	for _, setting := range settings {
		all += ", " + setting
	}
	return all + "}\n"
}

// --output replaces a file, at once and through a link, and nothing else.
func TestSettingsOutput(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links and devices are Unix's")
	}
	dir := t.TempDir()
	c := newCLI(t)
	write := func(name string) result {
		return c.feed(strings.NewReader(snippetText()), "settings", "--from", "-", "--output", name)
	}
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	if err := os.WriteFile(target, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("target", link); err != nil {
		t.Fatal(err)
	}
	if r := write(link); r.status != 0 {
		t.Errorf("%+v", r)
	}
	info, err := os.Lstat(link)
	content, readErr := os.ReadFile(target)
	if err != nil || readErr != nil || info.Mode()&os.ModeSymlink == 0 || !strings.Contains(string(content), "hush") {
		t.Errorf("the link is replaced, or what it leads to is not: %v, %v, %s", err, readErr, content)
	}
	if info, err := os.Stat(target); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
	needs(t, "mkfifo")
	pipe := filepath.Join(dir, "pipe")
	if err := exec.CommandContext(t.Context(), "mkfifo", pipe).Run(); err != nil {
		t.Fatal(err)
	}
	received := make(chan string, 1)
	go func() {
		content, _ := os.ReadFile(pipe)
		received <- string(content)
	}()
	if r := write(pipe); r.status != 0 {
		t.Errorf("%+v", r)
	}
	if info, err := os.Stat(pipe); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Fatalf("the pipe was replaced: %v, %v", info.Mode(), err)
	}
	if content := <-received; !strings.Contains(content, "hush") {
		t.Errorf("the pipe received %q", content)
	}
	for name, want := range map[string]string{dir: "is a directory", filepath.Join(dir, "missing", "a"): "cannot be made in the directory", filepath.Join(target, "a"): "not a directory"} {
		if r := write(name); r.status != statusFailed || !strings.Contains(r.stderr, want) || strings.Contains(r.stderr, "hush") {
			t.Errorf("%s: %+v", name, r)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 3 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

// A key that is not UTF-8 arrives whole, by the file and by the environment, in the command too.
func TestBinaryKeys(t *testing.T) {
	text := snippetText(`"SECRET_KEY": "b'it\\'s \\xff\\n$HOME'"`, `"SECRET_KEY_FALLBACKS": "['a,b', b'\\xfe']"`)
	c := &cli{t: t, env: map[string]string{}}
	name := filepath.Join(t.TempDir(), "settings.json")
	if r := c.feed(strings.NewReader(text), "settings", "--from", "-", "--output", name); r.status != 0 {
		t.Fatalf("%+v", r)
	}
	env := c.feed(strings.NewReader(text), "settings", "--from", "-", "--format", "env")
	variables := sourced(t, env.stdout)
	if got := variables["DJANGO_SECRET_KEY"]; got != "it's \xff\n$HOME" {
		t.Fatalf("the variable is %q", got)
	}
	old := (&cli{t: t, env: map[string]string{"DJANGO_SECRET_KEY": "\xfe"}}).ok("encode", `{"a":1}`)
	current := (&cli{t: t, env: map[string]string{"DJANGO_SECRET_KEY": "it's \xff\n$HOME"}}).ok("encode", `{"a":1}`)
	for place, c := range map[string]*cli{"the file": {t: t, env: map[string]string{"DJSESSION_SETTINGS": name}}, "the environment": {t: t, env: variables}} {
		for _, session := range []string{old, current} {
			if r := c.run("decode", strings.TrimSpace(session)); r.stdout != "{\"a\":1}\n" {
				t.Errorf("with keys of %s: %+v", place, r)
			}
		}
	}
}

// Flags that mean nothing together are refused, and a dump without an end is.
func TestSettingsCommandRefuses(t *testing.T) {
	c := newCLI(t)
	for _, args := range [][]string{
		{"settings", "--snippet", "--output", "a"}, {"settings", "--from", "-", "--check", "a", "--output", "b"},
		{"settings", "--from", "-", "--check", "a", "--format", "env"}, {"settings", "--from", "-", "--python", "a"},
	} {
		if r := c.run(args...); r.status != statusFailed || !strings.Contains(r.stderr, "none of the others can be") {
			t.Errorf("%q: %+v", args, r)
		}
	}
	if r := c.feed(endless{}, "settings", "--from", "-"); r.status != statusFailed || !strings.Contains(r.stderr, "larger than 64 MiB") {
		t.Errorf("%+v", r)
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'a'
	}
	return len(b), nil
}
