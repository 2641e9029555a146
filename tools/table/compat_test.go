package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// TestCompatTable: what the last run left decides whether the README's table is right, and
// whether it may be renewed.
func TestCompatTable(t *testing.T) {
	pass := compatCell{Django: "5.2.8", Python: "3.12.1", Database: "SQLite", Version: "3.46", Outcome: "pass", Sessions: 1000, Full: true}
	fail, leftOut, quick := pass, pass, pass
	fail.Outcome, leftOut.Outcome, quick.Full = "fail", "not installed", false
	other, mysql := pass, pass
	other.Django, other.Database = "6.1", "PostgreSQL"
	mysql.Database = "MySQL"
	oldest := pass
	oldest.Database, oldest.Version, oldest.Outcome = "PostgreSQL, oldest", "10.23", "needs PostgreSQL 14"
	noMySQL, fullNoMySQL, newer := mysql, mysql, pass
	noMySQL.Outcome, noMySQL.Full, fullNoMySQL.Outcome = "left out: no mirror", false, "left out: no mirror"
	newer.Version = "3.47"
	for name, c := range map[string]struct {
		readme, run []compatCell
		write       bool
		problem     string // in the error; "" for none
	}{
		"the same":                        {readme: []compatCell{pass}, run: []compatCell{pass}},
		"another":                         {readme: []compatCell{pass}, run: []compatCell{other}, problem: "renew it"},
		"a quick run":                     {readme: []compatCell{pass}, run: []compatCell{quick}},
		"left out":                        {readme: []compatCell{pass, other}, run: []compatCell{leftOut, other}},
		"another SQLite":                  {readme: []compatCell{pass}, run: []compatCell{newer}},
		"a server left out":               {readme: []compatCell{pass, mysql}, run: []compatCell{quick, noMySQL}},
		"a server left out of the matrix": {readme: []compatCell{pass, mysql}, run: []compatCell{pass, fullNoMySQL}},
		"a column of the matrix":          {readme: []compatCell{pass, oldest}, run: []compatCell{quick}},
		"a column that is gone":           {readme: []compatCell{pass, oldest}, run: []compatCell{pass}, problem: "renew it"},
		"a new column":                    {readme: []compatCell{pass}, run: []compatCell{pass, mysql}, problem: "renew it"},
		"refused":                         {run: []compatCell{pass, oldest}, write: true},
		"a server cannot be left out":     {run: []compatCell{pass, fullNoMySQL}, write: true, problem: "a server"},
		"failed":                          {readme: []compatCell{pass}, run: []compatCell{fail}, problem: "failed"},
		"failed, and another left out":    {readme: []compatCell{pass}, run: []compatCell{leftOut, fail}, problem: "failed"},
		"written":                         {run: []compatCell{pass}, write: true},
		"a quick run cannot be written":   {run: []compatCell{pass, quick}, write: true, problem: "make matrix"},
		"left out cannot be written":      {run: []compatCell{leftOut, pass}, write: true, problem: "REQUIRE=all"},
		"what failed is not written over": {readme: []compatCell{pass}, run: []compatCell{fail}, write: true, problem: "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			text, err := json.Marshal(c.run)
			if err != nil {
				t.Fatal(err)
			}
			before := "# A\n<!-- compat-table -->\n" + renderCompat(c.readme) + "<!-- /compat-table -->\nb\n"
			if err := os.Mkdir(".cache", 0o755); err != nil {
				t.Fatal(err)
			}
			for name, text := range map[string]string{compatOutcome: string(text), "README.md": before} {
				if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			_, err = tables["compat"].run(c.write)
			if (err != nil) != (c.problem != "") || err != nil && !strings.Contains(err.Error(), c.problem) {
				t.Errorf("%v, want %q", err, c.problem)
			}
			want := before
			if c.write && c.problem == "" {
				want = "# A\n<!-- compat-table -->\n" + renderCompat(c.run) + "<!-- /compat-table -->\nb\n"
			}
			if after, err := os.ReadFile("README.md"); err != nil || string(after) != want {
				t.Errorf("the README is\n%s, %v; want\n%s", after, err, want)
			}
		})
	}
}

// TestEnginesTable: parts of a cell are added up and must all have passed, and a Django that lacks
// an engine has no cell.
func TestEnginesTable(t *testing.T) {
	got := renderCompat([]compatCell{
		{Django: "4.2.1", Python: "3.10.2", Database: "cache", Outcome: "pass", Sessions: 5},
		{Django: "4.2.1", Python: "3.10.2", Database: "cache", Outcome: "pass", Sessions: 6},
		{Django: "4.2.1", Python: "3.10.2", Database: "pickles", Outcome: "fail", Sessions: 1},
		{Django: "4.2.1", Python: "3.10.2", Database: "pickles", Outcome: "pass", Sessions: 1},
		{Django: "5.2.1", Python: "3.12.1", Database: "cache", Outcome: "pass", Sessions: 7},
	})
	const want = `| Django | Python | cache | pickles |
|---|---|---|---|
| 4.2.1 | 3.10.2 | ✓ 11 sessions | fail |
| 5.2.1 | 3.12.1 | ✓ 7 sessions | – |
`
	if got != want {
		t.Errorf("the table is\n%s\nwant\n%s", got, want)
	}
}
