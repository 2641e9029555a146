package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// What the run of the tests left decides whether the README's table is right, and whether it
// may be renewed.
func TestTableIsJudged(t *testing.T) {
	pass := cell{Django: "5.2.8", Python: "3.12.1", Database: "SQLite", Version: "3.46", Outcome: "pass", Sessions: 1000, Full: true}
	fail, leftOut, quick := pass, pass, pass
	fail.Outcome, leftOut.Outcome, quick.Full = "fail", "not installed", false
	other := pass
	other.Django, other.Database = "6.1", "PostgreSQL"
	for name, c := range map[string]struct {
		readme, run []cell
		write       bool
		problem     string // in the error; "" for none
	}{
		"the same":                        {readme: []cell{pass}, run: []cell{pass}},
		"another":                         {readme: []cell{pass}, run: []cell{other}, problem: "renew it"},
		"a quick run":                     {readme: []cell{pass}, run: []cell{quick}},
		"left out":                        {readme: []cell{pass, other}, run: []cell{leftOut, other}},
		"failed":                          {readme: []cell{pass}, run: []cell{fail}, problem: "failed"},
		"failed, and another left out":    {readme: []cell{pass}, run: []cell{leftOut, fail}, problem: "failed"},
		"written":                         {run: []cell{pass}, write: true},
		"a quick run cannot be written":   {run: []cell{pass, quick}, write: true, problem: "make matrix"},
		"what failed is not written over": {readme: []cell{pass}, run: []cell{fail}, write: true, problem: "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			text, err := json.Marshal(c.run)
			if err != nil {
				t.Fatal(err)
			}
			before := "# A\n" + start + tableOf(c.readme) + end + "\nb\n"
			if err := os.Mkdir(".cache", 0o755); err != nil {
				t.Fatal(err)
			}
			for name, text := range map[string]string{outcomeFile: string(text), readmeFile: before} {
				if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			err = run(c.write)
			if (err != nil) != (c.problem != "") || err != nil && !strings.Contains(err.Error(), c.problem) {
				t.Errorf("%v, want %q", err, c.problem)
			}
			want := before
			if c.write && c.problem == "" {
				want = "# A\n" + start + tableOf(c.run) + end + "\nb\n"
			}
			if after, err := os.ReadFile(readmeFile); err != nil || string(after) != want {
				t.Errorf("the README is\n%s, %v; want\n%s", after, err, want)
			}
		})
	}
}
