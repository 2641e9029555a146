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
// in the file.
func (r *Results) Add(rows []measure.Row) {
	for _, row := range rows {
		for _, v := range row.Variants {
			for i := range v.Rounds {
				v.Rounds[i] = significant(v.Rounds[i])
			}
		}
	}
	r.Rows = append(r.Rows, rows...)
}

func significant(f float64) float64 {
	short, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 4, 64), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	return short
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
		fmt.Fprintf(&b, "  %-44s %10s  ± %s\n", v.Name, number(v.Median()), percent(v.Spread()))
	}
	for _, g := range row.Goals {
		fmt.Fprintf(&b, "  %-9s %s\n", verdict(row, g), goal(row, g))
	}
	return b.String()
}

func verdict(row measure.Row, g measure.Goal) string {
	if row.Met(g) {
		return "met"
	}
	return "not met"
}

// goal returns, for instance, "djsession / floor = 1.21, goal ≤ 1.25".
func goal(row measure.Row, g measure.Goal) string {
	what := g.Of
	if g.Against != "" {
		what += " / " + g.Against
	}
	bound := "≤ " + number(g.AtMost)
	if g.AtLeast != 0 {
		bound = "≥ " + number(g.AtLeast)
	}
	return fmt.Sprintf("%s = %s, goal %s", what, number(row.Value(g)), bound)
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

func percent(f float64) string { return strconv.FormatFloat(100*f, 'f', 0, 64) + " %" }
