// Table prints a table that a document shows between two markers, and checks that the
// document is current. With -write it renews the document instead.
//
//	go run ./tools/table compat    README.md, from the last run of compat_test
//	go run ./tools/table engines   the same, of its session engines
//	go run ./tools/table torture   docs/guarantees.md, from the last `make torture`
//	go run ./tools/table torture-caches   the same, of the caches
//	go run ./tools/table torture-vitess   the same, of Vitess
//	go run ./tools/table map       docs/architecture.md, from the packages
//	go run ./tools/table sizing    docs/scaling.md, from what it measured and assumes
//	go run ./tools/table recipes   docs/recipes.md, from examples/recipes
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

// table is a table in a document.
type table struct {
	file, marker string

	// render returns the table. If write is false, it returns an error if what the
	// document shows is outdated.
	render func(shown string, write bool) (string, error)
}

var tables = map[string]table{
	"compat":         {"README.md", "compat-table", compatTable(compatOutcome)},
	"engines":        {"README.md", "engines-table", compatTable(enginesOutcome)},
	"torture":        {"docs/guarantees.md", "torture-table", tortureDatabases.render},
	"torture-caches": {"docs/guarantees.md", "torture-caches-table", tortureCaches.render},
	"torture-vitess": {"docs/guarantees.md", "torture-vitess-table", tortureVitess.render},
	"map":            {"docs/architecture.md", "map", packageMap},
	"sizing":         {"docs/scaling.md", "sizing", sizing.render},
	"recipes":        {"docs/recipes.md", "recipes", recipes},
}

func main() {
	write := flag.Bool("write", false, "write the table into its document")
	flag.Parse()
	t, ok := tables[flag.Arg(0)]
	if !ok || flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: table [-write] compat|engines|torture|torture-caches|torture-vitess|map|sizing|recipes")
		os.Exit(2)
	}
	text, err := t.run(*write)
	fmt.Print(text)
	if err != nil {
		fmt.Fprintln(os.Stderr, "table:", err)
		os.Exit(1)
	}
}

// run returns the table, and writes it if write is set.
func (t table) run(write bool) (string, error) {
	doc, err := os.ReadFile(t.file)
	if err != nil {
		return "", err
	}
	start, end := "<!-- "+t.marker+" -->\n", "<!-- /"+t.marker+" -->"
	before, rest, found := strings.Cut(string(doc), start)
	shown, after, foundEnd := strings.Cut(rest, end)
	if !found || !foundEnd {
		return "", fmt.Errorf("%s has no markers %q and %q", t.file, start, end)
	}
	text, err := t.render(shown, write)
	if err == nil && write {
		err = os.WriteFile(t.file, []byte(before+start+text+end+after), 0o644)
	}
	return text, err
}

// row is a row of a table.
func row(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

// header is a row with the line below it.
func header(cells ...string) string {
	return row(cells...) + "|" + strings.Repeat("---|", len(cells)) + "\n"
}
