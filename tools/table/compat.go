package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

const (
	compatOutcome  = ".cache/compat.json"
	enginesOutcome = ".cache/engines.json"
)

// compatCell is one Django on one database, or a part of what it does with one session engine.
type compatCell struct {
	Django, Python, Database, Version, Outcome string
	Sessions                                   int
	Full                                       bool
}

// compatTable is what works with which Django and database, or session engine, as the file
// says. After `make test`, which tries fewer sessions than `make matrix`, only the Djangos and
// the columns have to be those shown.
func compatTable(file string) func(shown string, write bool) (string, error) {
	return func(shown string, write bool) (string, error) { return compared(file, shown, write) }
}

func compared(file, shown string, write bool) (string, error) {
	outcome, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("run `make test` first: %w", err)
	}
	var cells []compatCell
	if err := json.Unmarshal(outcome, &cells); err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	text := renderCompat(cells)
	missing := slices.ContainsFunc(cells, func(c compatCell) bool { return c.Outcome != "pass" })
	full := !slices.ContainsFunc(cells, func(c compatCell) bool { return !c.Full })
	switch {
	case slices.ContainsFunc(cells, func(c compatCell) bool { return c.Outcome == "fail" }):
		return text, errors.New("the last run failed: see the table")
	case write && !full:
		return text, errors.New("the last run was not the full one: run `make matrix` first")
	case write && missing:
		return text, errors.New("the last run left a Django out: run `make matrix REQUIRE=all` first")
	case write:
		return text, nil
	case missing:
		return text, nil // a Django is missing on this machine
	case comparableRows(shown, full) != comparableRows(text, full):
		return text, errors.New("the README's table is outdated; renew it with `make matrix` and `make compat-table`")
	}
	return text, nil
}

// renderCompat has a row for each Django and a column for each database or engine. Of several
// cells in one place the sessions are added up, and all must have passed.
func renderCompat(cells []compatCell) string {
	var djangos, databases []string
	versions, pythons, found := map[string]string{}, map[string]string{}, map[[2]string]compatCell{}
	for _, c := range cells {
		if other, ok := found[[2]string{c.Django, c.Database}]; ok {
			if c.Outcome == "pass" {
				c.Outcome = other.Outcome
			}
			c.Sessions += other.Sessions
		}
		found[[2]string{c.Django, c.Database}] = c
		if c.Version != "" {
			version, _, _ := strings.Cut(c.Version, "-")
			versions[c.Database], _, _ = strings.Cut(version, " ")
		}
		pythons[c.Django] = c.Python
		djangos, databases = append(djangos, c.Django), append(databases, c.Database)
	}
	slices.Sort(djangos)
	slices.Sort(databases)
	djangos, databases = slices.Compact(djangos), slices.Compact(databases)

	titles := []string{"Django", "Python"}
	for _, d := range databases {
		titles = append(titles, strings.TrimSpace(d+" "+versions[d]))
	}
	text := header(titles...)
	for _, v := range djangos {
		columns := []string{v, pythons[v]}
		for _, d := range databases {
			c, ok := found[[2]string{v, d}]
			switch {
			case !ok:
				c.Outcome = "–"
			case c.Outcome == "pass":
				c.Outcome = fmt.Sprintf("✓ %d sessions", c.Sessions)
			}
			columns = append(columns, c.Outcome)
		}
		text += row(columns...)
	}
	return text
}

// comparableRows is a table without what differs from machine to machine, the patch versions of
// Pythons and databases, and without the numbers of sessions unless counts is set.
func comparableRows(table string, counts bool) string {
	var rows []string
	for line := range strings.Lines(table) {
		columns := strings.Split(line, "|")
		if len(columns) > 3 && strings.Contains(line, "✓") {
			rows = append(rows, columns[1]+strings.Join(columns[3:], "|"))
		}
	}
	text := strings.Join(rows, "")
	if !counts {
		text = regexp.MustCompile(`[0-9]+ sessions`).ReplaceAllString(text, "")
	}
	return text
}
