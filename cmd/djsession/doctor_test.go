package main

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// brokenSetup is a set-up with a mistake in it, and the names of the problems that the doctor
// has to find: these, and no others.
type brokenSetup struct {
	want  string // separated by blanks
	setUp func(t *testing.T) (c *cli, args []string)
}

// diagnosed runs the doctor on each set-up.
func diagnosed(t *testing.T, setups map[string]brokenSetup) {
	for name, setup := range setups {
		t.Run(name, func(t *testing.T) {
			c, args := setup.setUp(t)
			r := diagnose(t, c, args...)
			// The servers of the tests do not flush to disk.
			got := slices.DeleteFunc(r.problems(), func(name string) bool {
				return (name == "synchronous-commit" || name == "innodb-flush" || name == "fsync") && !strings.Contains(setup.want, name)
			})
			if got := strings.Join(got, " "); got != setup.want {
				t.Errorf("diagnosed %q, want %q\n%s", got, setup.want, r.text())
			}
		})
	}
}

// diagnose runs the doctor. It never shows a secret, and its exit status agrees with what it
// found.
func diagnose(t *testing.T, c *cli, args ...string) report {
	t.Helper()
	run := c.run(append([]string{"doctor", "--json"}, args...)...)
	var r report
	if err := json.Unmarshal([]byte(run.stdout), &r); err != nil {
		t.Fatalf("%v: status %d, stdout %q, stderr %q", err, run.status, run.stdout, run.stderr)
	}
	want := statusDone
	if r.Failures > 0 {
		want = statusNegative
	}
	if run.status != want || (run.stderr != "") != (r.Failures > 0) {
		t.Errorf("%d failures: status %d, stderr %q", r.Failures, run.status, run.stderr)
	}
	if len(r.Checks) < len(doctorChecks) {
		t.Errorf("%d checks, of %d", len(r.Checks), len(doctorChecks))
	}
	for _, x := range r.Checks {
		if (x.Status == markFailure || x.Status == markWarning) != (x.Problem != "") || x.Found == "" {
			t.Errorf("%+v", x)
		}
		if x.Problem == "unexpected-error" || x.Status == markFailure && x.Change == "" {
			t.Errorf("%+v", x)
		}
	}
	for _, name := range []string{"DJANGO_SECRET_KEY", "DJANGO_SECRET_KEY_FALLBACKS"} {
		if secret := strings.TrimSpace(c.env[name]); len(secret) > 8 && strings.Contains(run.stdout, secret) {
			t.Errorf("%s is in stdout: %s", name, run.stdout)
		}
	}
	return r
}

// problems returns the names of what is wrong, sorted, each once.
func (r report) problems() (names []string) {
	for _, x := range r.Checks {
		if x.Problem != "" {
			names = append(names, x.Problem)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// text returns what is not right, for messages.
func (r report) text() (text string) {
	for _, x := range r.Checks {
		if x.Problem != "" || x.Status == markSkipped && !x.blocked {
			text += x.Status + " " + x.Check + " " + x.Problem + ": " + x.Found + " → " + x.Change + "\n"
		}
	}
	return text
}

// newHealthy is newUsers with a login and another session: nothing is wrong with it.
func newHealthy(t *testing.T) *cli {
	t.Helper()
	c := newUsers(t)
	c.logIn()
	c.create(`{"cart":{"shoes":2}}`)
	return c
}

func TestDoctorHealthy(t *testing.T) {
	c := newHealthy(t)
	if r := diagnose(t, c); len(r.problems()) > 0 {
		t.Errorf("%+v", r)
	}
	r := c.run("doctor")
	if r.status != 0 || !regexp.MustCompile(`(?m)^✓ logins +1 of 1 login accepted`).MatchString(r.stdout) || strings.ContainsAny(r.stdout, "✗!") {
		t.Errorf("%+v", r)
	}
	for _, args := range [][]string{{"--go-url", "https://a.example"}, {"--django-url", "ftp://a", "--go-url", "x"}, {"--proxy-header", "x"}, {"extra"}} {
		if r := c.run(append([]string{"doctor"}, args...)...); r.status != statusFailed || r.stdout != "" || r.stderr == "" {
			t.Errorf("%q: %+v", args, r)
		}
	}
}

// TestDoctorChangesNothing: without --manage the database stays as it is.
func TestDoctorChangesNothing(t *testing.T) {
	c := newHealthy(t)
	path := strings.TrimPrefix(c.env["DATABASE_URL"], "sqlite:///")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	diagnose(t, c)
	diagnose(t, c.with("DJANGO_SECRET_KEY", "another key, of more than 20"))
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the file has changed: %v", err)
	}
}

// TestProblemsAreDocumented: docs/troubleshooting.md explains each check and each problem, and
// no others.
func TestProblemsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z0-9-]+)` \\|").FindAllStringSubmatch(string(page), -1) {
		if documented[row[1]] {
			t.Errorf("%s is there twice", row[1])
		}
		documented[row[1]] = true
	}
	known := map[string]bool{}
	for _, check := range doctorChecks {
		known[check.name] = true
	}
	for _, problem := range differencesOf {
		known[problem] = true
	}
	for _, m := range keyMistakes {
		known[m.problem] = true
	}
	for _, reason := range loginReasons {
		known[reason.problem] = true
	}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`(?:\b(?:fail|failLocal|warn|status|add)\("|failUnreadable\(readable, all, "|\bproblem(?:, \w+)? :?= "|^\t\t\{")([a-z0-9]+(?:-[a-z0-9]+)*)"(?:,|\s*$)`)
	for _, entry := range files {
		if !strings.HasPrefix(entry.Name(), "doctor") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		text, err := os.ReadFile(entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			for _, match := range named.FindAllStringSubmatch(line, -1) {
				known[match[1]] = true
			}
		}
	}
	for name := range known {
		if !documented[name] {
			t.Errorf("docs/troubleshooting.md does not have %s", name)
		}
	}
	for name := range documented {
		if !known[name] {
			t.Errorf("docs/troubleshooting.md has %s, and the doctor has not", name)
		}
	}
}
