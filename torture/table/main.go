// Table writes the figures that the last long run of package torture left in
// .cache/torture.json into docs/guarantees.md.
//
//	go run ./torture/table          shows the table
//	go run ./torture/table -write   puts it there
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
)

const (
	outcomeFile = ".cache/torture.json"
	docFile     = "docs/guarantees.md"
	start       = "<!-- torture-table -->\n"
	end         = "<!-- /torture-table -->"
)

// columns are the databases in their order, with what stands above each.
var columns = []struct{ name, title string }{
	{"SQLite", "SQLite %s"},
	{"PostgreSQL", "PostgreSQL %s"},
	{"PgBouncer", "PostgreSQL behind PgBouncer"},
	{"MariaDB", "MariaDB %s"},
}

// report is what a run has left; see package torture.
type report struct {
	Django   string            `json:"django"`
	Versions map[string]string `json:"versions"` // of the databases, by column
	Cells    []cell            `json:"cells"`
}

// cell is one figure.
type cell struct {
	Row    int    `json:"row"` // its place in the table
	Name   string `json:"name"`
	Column string `json:"column"`
	Text   string `json:"text"`
}

func main() {
	write := flag.Bool("write", false, "write the table into "+docFile)
	flag.Parse()
	if err := run(*write); err != nil {
		fmt.Fprintln(os.Stderr, "table:", err)
		os.Exit(1)
	}
}

func run(write bool) error {
	outcome, err := os.ReadFile(outcomeFile)
	if err != nil {
		return fmt.Errorf("run `make torture` first: %w", err)
	}
	var r report
	if err := json.Unmarshal(outcome, &r); err != nil {
		return fmt.Errorf("%s: %w", outcomeFile, err)
	}
	table := r.table()
	fmt.Print(table)
	if !write {
		return nil
	}
	doc, err := os.ReadFile(docFile)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(doc), start)
	_, after, foundEnd := strings.Cut(rest, end)
	if !found || !foundEnd {
		return errors.New(docFile + " has no place for the table")
	}
	return os.WriteFile(docFile, []byte(before+start+table+end+after), 0o644)
}

// table is a row a figure, a column a database.
func (r report) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| Django %s |", r.Django)
	for _, c := range columns {
		title := c.title
		if strings.Contains(title, "%s") {
			title = fmt.Sprintf(title, r.Versions[c.name])
		}
		fmt.Fprintf(&b, " %s |", title)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(columns)) + "\n")
	texts, names := map[[2]string]string{}, r.names()
	for _, c := range r.Cells {
		texts[[2]string{c.Name, c.Column}] = c.Text
	}
	for _, name := range names {
		fmt.Fprintf(&b, "| %s |", name)
		for _, c := range columns {
			text := texts[[2]string{name, c.name}]
			if text == "" {
				text = "–"
			}
			fmt.Fprintf(&b, " %s |", text)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// names are those of the rows, in order.
func (r report) names() []string {
	cells := slices.Clone(r.Cells)
	slices.SortStableFunc(cells, func(a, b cell) int { return a.Row - b.Row })
	var names []string
	for _, c := range cells {
		if !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}
