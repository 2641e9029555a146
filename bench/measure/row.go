// Package measure holds what the suites have in common: rows of measurements, the goals
// that they are held against, and rounds that take turns.
package measure

import (
	"context"
	"math"
	"slices"

	"github.com/djsession/djsession/internal/testenv"
)

// DjangoSeries is the Django that everything is compared with.
const DjangoSeries = "5.2"

// Env is what a suite gets.
type Env struct {
	Dir    string         // an empty directory, removed at the end
	Django testenv.Django // the one that writes the texts and serves requests
	Quick  bool           // rounds of a fraction of a second, to check that everything runs
	Log    func(format string, args ...any)
	// Versions of what the suite runs besides Go's packages ("gunicorn": "26.0.0"). The suite
	// adds to it.
	Versions map[string]string
}

// Suite measures some rows.
type Suite func(ctx context.Context, env *Env) ([]Row, error)

// Row is one thing that is measured in several ways, in rounds that take turns.
type Row struct {
	Suite    string    `json:"suite"` // "codec", "requests", "rows"
	Name     string    `json:"name"`  // "decode, cart of 20 lines"
	Unit     string    `json:"unit"`  // of the rounds: "µs", "req/s", "ms", "allocs", "B"
	Variants []Variant `json:"variants"`
	Goals    []Goal    `json:"goals"`
	Notes    []string  `json:"notes,omitempty"` // what a reader must know of a variant
}

// Variant is one way to do it. All variants of a row have the same number of rounds, and
// the i-th rounds were measured one right after the other.
type Variant struct {
	Name   string    `json:"name"` // "djsession", "Django", "floor", "database/sql by hand"
	Rounds []float64 `json:"rounds"`
}

// Goal is a bound of the ratio of two variants, or of one variant if Against is "". Exactly
// one of AtMost and AtLeast is set.
type Goal struct {
	Of      string  `json:"of"`
	Against string  `json:"against,omitempty"`
	AtMost  float64 `json:"at_most,omitempty"`
	AtLeast float64 `json:"at_least,omitempty"`
}

// Find returns the variant with a name, the zero one if there is none.
func (r Row) Find(name string) Variant {
	for _, v := range r.Variants {
		if v.Name == name {
			return v
		}
	}
	return Variant{}
}

// Median returns the median of the rounds, 0 without any.
func (v Variant) Median() float64 { return median(v.Rounds) }

// Spread returns s so that the middle half of the rounds is about the median ± s, as a share
// of the median.
func (v Variant) Spread() float64 {
	if v.Median() == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(v.Rounds))
	quarter := len(sorted) / 4
	return (sorted[len(sorted)-1-quarter] - sorted[quarter]) / 2 / v.Median()
}

// Value returns what g bounds: the median of the ratios of each round, or the median of Of.
func (r Row) Value(g Goal) float64 {
	of, against := r.Find(g.Of).Rounds, r.Find(g.Against).Rounds
	if g.Against == "" {
		return median(of)
	}
	var ratios []float64
	for i := range min(len(of), len(against)) {
		ratios = append(ratios, of[i]/against[i])
	}
	return median(ratios)
}

// Measured reports whether what g bounds was measured.
func (r Row) Measured(g Goal) bool {
	return len(r.Find(g.Of).Rounds) > 0 && (g.Against == "" || len(r.Find(g.Against).Rounds) > 0)
}

// Met reports whether the row meets g. A goal of something that was not measured is not met.
func (r Row) Met(g Goal) bool {
	v := r.Value(g)
	return r.Measured(g) && !math.IsNaN(v) && !math.IsInf(v, 0) && (g.AtMost == 0 || v <= g.AtMost) && (g.AtLeast == 0 || v >= g.AtLeast)
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}
