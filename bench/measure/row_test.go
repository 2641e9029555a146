package measure

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"time"
)

func TestVerdicts(t *testing.T) {
	row := Row{Variants: []Variant{
		{Name: "fast", Rounds: []float64{1, 2, 30}}, // a slow moment of the machine ...
		{Name: "slow", Rounds: []float64{4, 8, 90}}, // ... slows what is measured next, too
		{Name: "none", Rounds: []float64{0, 0, 0}},
	}}
	for name, test := range map[string]struct {
		goal  Goal
		value float64
		met   bool
	}{
		"a ratio of each round":       {Goal{Of: "fast", Against: "slow", AtMost: 0.25}, 0.25, true},
		"a ratio above its bound":     {Goal{Of: "fast", Against: "slow", AtMost: 0.2499}, 0.25, false},
		"a ratio that must be high":   {Goal{Of: "slow", Against: "fast", AtLeast: 4}, 4, true},
		"a ratio that is too low":     {Goal{Of: "slow", Against: "fast", AtLeast: 4.01}, 4, false},
		"a value":                     {Goal{Of: "fast", AtMost: 2}, 2, true},
		"a value above its bound":     {Goal{Of: "fast", AtMost: 1.9}, 2, false},
		"nothing":                     {Goal{Of: "none", AtMost: 1}, 0, true},
		"what was not measured":       {Goal{Of: "other", AtMost: 1}, 0, false},
		"against what was not":        {Goal{Of: "fast", Against: "other", AtMost: 1}, 0, false},
		"against nothing":             {Goal{Of: "fast", Against: "none", AtLeast: 1}, math.Inf(1), false},
		"nothing in terms of nothing": {Goal{Of: "none", Against: "none", AtMost: 1}, math.NaN(), false},
	} {
		value := row.Value(test.goal)
		if same := value == test.value || math.IsNaN(value) && math.IsNaN(test.value); !same || row.Met(test.goal) != test.met {
			t.Errorf("%s: %v, met %v", name, value, row.Met(test.goal))
		}
	}
}

func TestMedianAndSpread(t *testing.T) {
	v := Variant{Rounds: []float64{9, 10, 11, 100, 8}}
	if v.Median() != 10 || v.Spread() != 0.1 || v.Rounds[4] != 8 {
		t.Errorf("%v ± %v of %v", v.Median(), v.Spread(), v.Rounds)
	}
	if even := (Variant{Rounds: []float64{4, 1, 2, 3}}); even.Median() != 2.5 {
		t.Errorf("an even number of rounds: %v", even.Median())
	}
	if (Variant{}).Median() != 0 || (Variant{}).Spread() != 0 {
		t.Error("no rounds")
	}
}

// TestInterleave: all ways are measured in each round, in another order in the next.
func TestInterleave(t *testing.T) {
	var order []string
	way := func(name string, each time.Duration) Way {
		return Way{name, func(n int) (time.Duration, error) {
			order = append(order, name)
			return time.Duration(n) * each, nil
		}}
	}
	variants, err := Interleave(t.Context(), 3, time.Second, way("a", time.Second), way("b", 3*time.Second))
	if err != nil || !slices.Equal(order, []string{"a", "b", "a", "b", "b", "a", "a", "b"}) { // the first two are for calibration
		t.Errorf("%v: %v", order, err)
	}
	for i, want := range []float64{1e6, 3e6} {
		if !slices.Equal(variants[i].Rounds, []float64{want, want, want}) {
			t.Errorf("%+v", variants[i])
		}
	}

	failure := errors.New("failed")
	if _, err := Interleave(t.Context(), 3, time.Second, InProcess("c", func() error { return failure })); !errors.Is(err, failure) {
		t.Errorf("the failure of a way: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Interleave(ctx, 3, time.Second, way("a", time.Second)); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}
