// Package report says what was measured, as text, JSON, a table and a chart.
package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/djsession/djsession/bench/measure"
)

// Results are what one run measured, and on what. They are benchmarks.json.
type Results struct {
	Date    time.Time     `json:"date"`
	Took    string        `json:"took"`
	Quick   bool          `json:"quick,omitempty"`
	Machine Machine       `json:"machine"`
	Rows    []measure.Row `json:"rows"`
}

// Add adds rows, rounded to four significant digits, so that a verdict is that of the figures
// in the file. A round that is not a number is an error.
func (r *Results) Add(rows []measure.Row) error {
	for _, row := range rows {
		for _, v := range row.Variants {
			for i, round := range v.Rounds {
				if math.IsNaN(round) || math.IsInf(round, 0) {
					return fmt.Errorf("%s: %s: %s: round %d is %v", row.Suite, row.Name, v.Name, i+1, round)
				}
				v.Rounds[i], _ = strconv.ParseFloat(strconv.FormatFloat(round, 'g', 4, 64), 64)
			}
		}
	}
	r.Rows = append(r.Rows, rows...)
	return nil
}

// Verdicts counts the goals.
func (r Results) Verdicts() (met, missed int) {
	for _, row := range r.Rows {
		for _, g := range row.Goals {
			if row.Met(g) {
				met++
			} else {
				missed++
			}
		}
	}
	return met, missed
}

// Text returns a row for the terminal.
func Text(row measure.Row) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s: %s [%s]\n", row.Suite, row.Name, row.Unit)
	for _, v := range row.Variants {
		fmt.Fprintf(&b, "  %-44s %8s%s\n", v.Name, number(v.Median()), spread(v))
	}
	for _, g := range row.Goals {
		fmt.Fprintf(&b, "  %-9s %s\n", verdict(row, g), goal(row, g))
	}
	for _, note := range row.Notes {
		fmt.Fprintf(&b, "  %s\n", note)
	}
	return b.String()
}

func verdict(row measure.Row, g measure.Goal) string {
	if row.Met(g) {
		return "met"
	}
	return "not met"
}

// goal returns, for instance, "djsession / floor = 1.210, goal ≤ 1.25", or "djsession / floor not measured, goal ≤ 1.25".
func goal(row measure.Row, g measure.Goal) string {
	what := g.Of
	if g.Against != "" {
		what += " / " + g.Against
	}
	bound := "≤ " + number(g.AtMost)
	if g.AtLeast != 0 {
		bound = "≥ " + number(g.AtLeast)
	}
	value := row.Value(g)
	text := " = " + number(value)
	switch {
	case !row.Measured(g):
		text = " not measured"
	case value < 10: // 1.254 is not ≤ 1.25
		text = " = " + strconv.FormatFloat(value, 'f', 3, 64)
	}
	return fmt.Sprintf("%s%s, goal %s", what, text, bound)
}

// number returns three significant digits, and all of those before the point.
func number(f float64) string {
	if f >= 100 || f <= -100 {
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	text := strconv.FormatFloat(f, 'g', 3, 64)
	if strings.Contains(text, "e") {
		text = strconv.FormatFloat(f, 'f', 4, 64)
	}
	return text
}

// spread returns, for instance, " ± 3 %".
func spread(v measure.Variant) string {
	percent := math.Round(100 * v.Spread())
	if percent == 0 {
		return ""
	}
	return fmt.Sprintf(" ± %.0f %%", percent)
}
