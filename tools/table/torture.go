package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// tortureTable is a table of package torture's figures.
type tortureTable struct {
	outcome  string // the file that a run wrote
	corner   string // what stands in the upper left, with the version of Django
	columns  []tortureColumn
	optional bool // without a file the document keeps what it shows
}

// tortureColumn is a database or a cache, with what stands above it.
type tortureColumn struct{ name, title string }

var (
	tortureDatabases = tortureTable{outcome: ".cache/torture.json", corner: "Django %s", columns: []tortureColumn{
		{"SQLite", "SQLite %s"},
		{"PostgreSQL", "PostgreSQL %s"},
		{"PgBouncer", "PostgreSQL behind PgBouncer"},
		{"MariaDB", "MariaDB %s"},
		{"MySQL", "MySQL %s"},
	}}
	tortureCaches = tortureTable{outcome: ".cache/torture-caches.json", corner: "Django %s", columns: []tortureColumn{
		{"Redis", "Redis %s, `appendfsync always`"},
		{"Sentinel", "Redis behind Sentinel"},
		{"Cluster", "Redis Cluster %s"},
		{"Valkey", "Valkey Cluster %s"},
		{"memcached", "memcached %s"},
		{"cached_db", "`cached_db`: PostgreSQL and Redis"},
		{"files", "files"},
		{"FileBasedCache", "`cache`: FileBasedCache"},
	}}
	// Vitess cannot be had everywhere.
	tortureVitess = tortureTable{outcome: ".cache/torture-vitess.json", optional: true, columns: []tortureColumn{
		{"planned", "four planned reparents"},
		{"killed", "`kill -9` of a primary's mysqld and vttablet, once per shard"},
	}}
)

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

// render is the figures of the last long run of package torture. Each run has others, so
// what is shown is never outdated.
func (t tortureTable) render(shown string, _ bool) (string, error) {
	outcome, err := os.ReadFile(t.outcome)
	if t.optional && errors.Is(err, fs.ErrNotExist) {
		return shown, nil
	}
	if err != nil {
		return "", fmt.Errorf("run `make torture` first: %w", err)
	}
	var r tortureReport
	if err := json.Unmarshal(outcome, &r); err != nil {
		return "", fmt.Errorf("%s: %w", t.outcome, err)
	}
	return sealed(t.renderReport(r)), nil
}

// sealed adds a hash to a table, so that a test notices figures that were entered by hand.
func sealed(text string) string {
	return fmt.Sprintf("%s<!-- written by tools/table, %.8x -->\n", text, sha256.Sum256([]byte(text)))
}

// renderReport has a row for each figure and a column for each database.
func (t tortureTable) renderReport(r tortureReport) string {
	titles := []string{strings.Replace(t.corner, "%s", r.Django, 1)}
	for _, c := range t.columns {
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
		for _, c := range t.columns {
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
