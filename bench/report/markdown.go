package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

const begin, end = "<!-- benchmarks -->\n", "<!-- /benchmarks -->\n"

// lists are lists of numbers, of which json.MarshalIndent puts each on a line of its own.
var lists = regexp.MustCompile(`\[[-+.,0-9e\s]+\]`)

// Write writes the results into benchmarks.json, benchmarks.svg and between the markers in
// benchmarks.md, which exists.
func Write(dir string, r Results) error {
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	text = lists.ReplaceAllFunc(text, func(list []byte) []byte { return bytes.Join(bytes.Fields(list), nil) })
	if err := os.WriteFile(filepath.Join(dir, "benchmarks.json"), append(text, '\n'), 0o644); err != nil {
		return err
	}
	if err := writeChart(filepath.Join(dir, "benchmarks.svg"), r.Rows); err != nil {
		return err
	}
	path := filepath.Join(dir, "benchmarks.md")
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	renewed, err := replace(string(page), Markdown(r))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, []byte(renewed), 0o644)
}

// replace replaces what is between the markers.
func replace(page, text string) (string, error) {
	before, rest, found := strings.Cut(page, begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return "", errors.New("the markers are missing")
	}
	return before + begin + text + end + after, nil
}

// Markdown returns a table for each suite, and what the figures were measured on.
func Markdown(r Results) string {
	var b strings.Builder
	met, missed := r.Verdicts()
	fmt.Fprintf(&b, "Measured on %s, in %s: %d goals met, %d not met.\n\n%s", r.Date.Format("2006-01-02"), r.Took, met, missed, r.Machine.lines())
	if r.Quick {
		b.WriteString("\nA quick run: the figures mean nothing.\n")
	}
	suite := ""
	for _, row := range r.Rows {
		if row.Suite != suite {
			suite = row.Suite
			fmt.Fprintf(&b, "\n### %s\n\n| what | unit | median ± spread | goals |\n|---|---|---|---|\n", suite)
		}
		var medians, goals []string
		for _, v := range row.Variants {
			medians = append(medians, fmt.Sprintf("%s **%s**%s", v.Name, number(v.Median()), spread(v)))
		}
		for _, g := range row.Goals {
			goals = append(goals, fmt.Sprintf("%s: **%s**", goal(row, g), verdict(row, g)))
		}
		what := strings.Join(append([]string{row.Name}, row.Notes...), "<br>")
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", what, row.Unit, strings.Join(medians, "<br>"), strings.Join(goals, "<br>"))
	}
	return b.String()
}
