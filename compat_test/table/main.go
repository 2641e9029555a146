// Table makes the README's table of what works with which Django and database
// out of the outcome that the last run of compat_test left in .cache/compat.json.
//
//	go run ./compat_test/table          prints it, and compares it with the README's
//	go run ./compat_test/table -write   puts it there, after `make matrix`
//
// After `make test`, which tries fewer sessions, only the Djangos and the databases
// have to be the same.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

const (
	outcomeFile = ".cache/compat.json"
	readmeFile  = "README.md"
	start       = "<!-- compat-table -->\n"
	end         = "<!-- /compat-table -->"
)

// cell is one Django on one database.
type cell struct {
	Django, Python, Database, Version, Outcome string
	Sessions                                   int
	Full                                       bool
}

func main() {
	write := flag.Bool("write", false, "write the table into the README")
	flag.Parse()
	if err := run(*write); err != nil {
		fmt.Fprintln(os.Stderr, "table:", err)
		os.Exit(1)
	}
}

func run(write bool) error {
	outcome, err := os.ReadFile(outcomeFile)
	if err != nil {
		return fmt.Errorf("run `make test` first: %w", err)
	}
	var cells []cell
	if err := json.Unmarshal(outcome, &cells); err != nil {
		return err
	}
	readme, err := os.ReadFile(readmeFile)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(readme), start)
	old, after, foundEnd := strings.Cut(rest, end)
	if !found || !foundEnd {
		return errors.New("the README has no place for the table")
	}
	table := tableOf(cells)
	fmt.Print(table)
	full := !slices.ContainsFunc(cells, func(c cell) bool { return !c.Full })
	switch {
	case slices.ContainsFunc(cells, func(c cell) bool { return c.Outcome == "fail" }):
		return errors.New("the last run failed: see the table")
	case write && !full:
		return errors.New("the last run was not the full one: run `make matrix` first")
	case write:
		return os.WriteFile(readmeFile, []byte(before+start+table+end+after), 0o644)
	case slices.ContainsFunc(cells, func(c cell) bool { return c.Outcome != "pass" }):
		return nil // a Django was left out here: this run cannot speak for the README
	case cellsOf(old, full) != cellsOf(table, full):
		return errors.New("the README's table is another; renew it with `make matrix` and `make compat-table`")
	}
	return nil
}

// tableOf is a row a Django, a column a database.
func tableOf(cells []cell) string {
	var djangos, databases []string
	versions, found := map[string]string{}, map[[2]string]cell{}
	sessions := 0
	for _, c := range cells {
		found[[2]string{c.Django, c.Database}] = c
		if c.Version != "" {
			version, _, _ := strings.Cut(c.Version, "-")
			versions[c.Database], _, _ = strings.Cut(version, " ")
		}
		sessions += c.Sessions
		djangos, databases = append(djangos, c.Django), append(databases, c.Database)
	}
	slices.Sort(djangos)
	slices.Sort(databases)
	djangos, databases = slices.Compact(djangos), slices.Compact(databases)

	var b strings.Builder
	b.WriteString("| Django | Python |")
	for _, d := range databases {
		fmt.Fprintf(&b, " %s |", strings.TrimSpace(d+" "+versions[d]))
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(databases)) + "\n")
	for _, v := range djangos {
		fmt.Fprintf(&b, "| %s | %s |", v, found[[2]string{v, databases[0]}].Python)
		for _, d := range databases {
			c := found[[2]string{v, d}]
			if c.Outcome == "pass" {
				fmt.Fprintf(&b, " ✓ %d sessions |", c.Sessions)
			} else {
				fmt.Fprintf(&b, " %s |", c.Outcome)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// cellsOf is a table without what differs from machine to machine, the patch versions of
// Pythons and databases, and without the numbers of sessions unless counts is set.
func cellsOf(table string, counts bool) string {
	var rows []string
	for row := range strings.Lines(table) {
		columns := strings.Split(row, "|")
		if len(columns) > 3 && strings.Contains(row, "✓") {
			rows = append(rows, columns[1]+strings.Join(columns[3:], "|"))
		}
	}
	if counts {
		return strings.Join(rows, "")
	}
	return regexp.MustCompile(`[0-9]+ sessions`).ReplaceAllString(strings.Join(rows, ""), "")
}
