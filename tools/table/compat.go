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

// refused reports whether the Django does not support a database that old.
func (c compatCell) refused() bool { return strings.HasPrefix(c.Outcome, "needs ") }

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
	missing := slices.ContainsFunc(cells, func(c compatCell) bool { return c.Outcome != "pass" && !c.refused() })
	full := !slices.ContainsFunc(cells, func(c compatCell) bool { return !c.Full })
	switch {
	case slices.ContainsFunc(cells, func(c compatCell) bool { return c.Outcome == "fail" }):
		return text, errors.New("the last run failed: see the table")
	case write && !full:
		return text, errors.New("the last run was not the full one: run `make matrix` first")
	case write && missing:
		return text, errors.New("the last run left a Django or a server out: run `make matrix REQUIRE=all` first")
	case write:
		return text, nil
	case !shows(shown, text, full):
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
		name, kind, _ := strings.Cut(d, ",")
		if versions[d] != "" {
			d = name + " " + versions[d] // "PostgreSQL 18.4, newest"
			if kind != "" {
				d += "," + kind
			}
		}
		titles = append(titles, d)
	}
	text := header(titles...)
	for _, v := range djangos {
		columns := []string{v, pythons[v]}
		for _, d := range databases {
			c, ok := found[[2]string{v, d}]
			switch {
			case !ok:
				c.Outcome = "–"
			case c.refused():
				c.Outcome = "– " + c.Outcome
			case c.Outcome == "pass":
				c.Outcome = fmt.Sprintf("✓ %d sessions", c.Sessions)
			}
			columns = append(columns, c.Outcome)
		}
		text += row(columns...)
	}
	return text
}

// shows reports whether a table shows what a run found: the same in all cells of the run that ran,
// and no others in its rows and columns. Numbers of sessions are compared only after a full run,
// which must have all columns.
func shows(shown, run string, full bool) bool {
	was, is := comparableCells(shown, full), comparableCells(run, full)
	for place, cell := range is {
		ran := strings.HasPrefix(cell, "✓") || strings.HasPrefix(cell, "–")
		if ran && was[place] != cell {
			return false
		}
	}
	columns := map[string]bool{}
	for place := range is {
		columns[place[1]] = true
	}
	for place := range was {
		if _, ok := is[place]; !ok && (full || columns[place[1]]) {
			return false
		}
	}
	return true
}

var (
	versionInTitle = regexp.MustCompile(` [0-9][0-9.]*`)
	sessionCount   = regexp.MustCompile(`[0-9]+ sessions`)
)

// comparableCells are a table's cells by row and column, without what differs from machine to
// machine, the patch versions of Pythons and databases, and without the numbers of sessions unless
// counts is set.
func comparableCells(table string, counts bool) map[[2]string]string {
	cells := map[[2]string]string{}
	var titles []string
	for line := range strings.Lines(table) {
		columns := strings.Split(strings.Trim(line, "| \n"), " | ")
		switch {
		case titles == nil:
			titles = columns
		case len(columns) == len(titles):
			for i, cell := range columns[2:] {
				if !counts {
					cell = sessionCount.ReplaceAllString(cell, "sessions")
				}
				cells[[2]string{columns[0], versionInTitle.ReplaceAllString(titles[i+2], "")}] = cell
			}
		}
	}
	return cells
}
