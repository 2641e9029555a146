package main

import (
	"os"
	"strings"
	"testing"
)

func TestTortureTable(t *testing.T) {
	r := tortureReport{
		Django:   "6.1",
		Versions: map[string]string{"SQLite": "3.50", "PostgreSQL": "15.1", "PgBouncer": "15.1", "MariaDB": "11.8", "MySQL": "9.7"},
		Cells: []tortureCell{ // in the order in which the databases were done
			{0, "writes", "SQLite", "1"}, {2, "commands", "SQLite", "2"},
			{0, "writes", "MariaDB", "3"}, {1, "killed", "MariaDB", "4"},
		},
	}
	const want = `| Django 6.1 | SQLite 3.50 | PostgreSQL 15.1 | PostgreSQL behind PgBouncer | MariaDB 11.8 | MySQL 9.7 |
|---|---|---|---|---|---|
| writes | 1 | – | – | 3 | – |
| killed | – | – | – | 4 | – |
| commands | 2 | – | – | – | – |
`
	if got := tortureDatabases.renderReport(r); got != want {
		t.Errorf("the table is\n%s\nwant\n%s", got, want)
	}
}

// TestTortureTablesAreSealed: nobody has entered figures into docs/guarantees.md by hand.
func TestTortureTablesAreSealed(t *testing.T) {
	for _, name := range []string{"torture", "torture-caches", "torture-vitess"} {
		doc, err := os.ReadFile("../../" + tables[name].file)
		if err != nil {
			t.Fatal(err)
		}
		_, shown, found := strings.Cut(string(doc), "<!-- "+tables[name].marker+" -->\n")
		shown, _, foundEnd := strings.Cut(shown, "<!-- /"+tables[name].marker+" -->")
		text, _, foundSeal := strings.Cut(shown, "<!-- written by tools/table")
		if !found || !foundEnd || !foundSeal || sealed(text) != shown {
			t.Errorf("the table %s is not as `go run ./tools/table -write %s` wrote it; only that command changes it", name, name)
		}
	}
}
