package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

const tortureOutcome = ".cache/torture.json"

// tortureColumns are the databases in their order, with what stands above each.
var tortureColumns = []struct{ name, title string }{
	{"SQLite", "SQLite %s"},
	{"PostgreSQL", "PostgreSQL %s"},
	{"PgBouncer", "PostgreSQL behind PgBouncer"},
	{"MariaDB", "MariaDB %s"},
}

// tortureReport is what a run of package torture wrote.
type tortureReport struct {
	Django   string            `json:"django"`
	Versions map[string]string `json:"versions"` // of the databases, by column
	Cells    []tortureCell     `json:"cells"`
}

// tortureCell is one figure.
type tortureCell struct {
	Row    int    `json:"row"` // its place in the table
	Name   string `json:"name"`
	Column string `json:"column"`
	Text   string `json:"text"`
}

// tortureTable is the figures of the last long run of package torture. Each run has
// others, so what is shown is never outdated.
func tortureTable(_ string, _ bool) (string, error) {
	outcome, err := os.ReadFile(tortureOutcome)
	if err != nil {
		return "", fmt.Errorf("run `make torture` first: %w", err)
	}
	var r tortureReport
	if err := json.Unmarshal(outcome, &r); err != nil {
		return "", fmt.Errorf("%s: %w", tortureOutcome, err)
	}
	return renderTorture(r), nil
}

// renderTorture has a row for each figure and a column for each database.
func renderTorture(r tortureReport) string {
	titles := []string{"Django " + r.Django}
	for _, c := range tortureColumns {
		titles = append(titles, strings.Replace(c.title, "%s", r.Versions[c.name], 1))
	}
	slices.SortStableFunc(r.Cells, func(a, b tortureCell) int { return a.Row - b.Row })
	var names []string
	texts := map[[2]string]string{}
	for _, c := range r.Cells {
		texts[[2]string{c.Name, c.Column}] = c.Text
		if !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	text := header(titles...)
	for _, name := range names {
		columns := []string{name}
		for _, c := range tortureColumns {
			figure := texts[[2]string{name, c.name}]
			if figure == "" {
				figure = "–"
			}
			columns = append(columns, figure)
		}
		text += row(columns...)
	}
	return text
}
