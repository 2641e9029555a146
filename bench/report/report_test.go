package report

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/djsession/djsession/bench/measure"
)

func results(t *testing.T) (r Results) {
	t.Helper()
	err := r.Add([]measure.Row{
		{
			Suite: "codec", Name: "decode", Unit: "µs",
			Variants: []measure.Variant{{Name: "djsession", Rounds: []float64{2.00004, 2.1, 1.9}}, {Name: "Django", Rounds: []float64{20, 21, 19}}},
			Goals:    []measure.Goal{{Of: "djsession", Against: "Django", AtMost: 0.3}, {Of: "djsession", AtMost: 1}},
		},
		{
			Suite: "requests", Name: "read", Unit: "req/s",
			Variants: []measure.Variant{{Name: "djsession", Rounds: []float64{12345}}, {Name: "Django", Rounds: []float64{1000}}},
			Goals:    []measure.Goal{{Of: "djsession", Against: "Django", AtLeast: 10}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestText(t *testing.T) {
	r := results(t)
	if met, missed := r.Verdicts(); met != 2 || missed != 1 {
		t.Errorf("%d met, %d not", met, missed)
	}
	if err := r.Add([]measure.Row{{Variants: []measure.Variant{{Rounds: []float64{math.NaN()}}}}}); err == nil {
		t.Error("a round that is not a number is no error")
	}
	text := Text(r.Rows[0])
	for _, want := range []string{"codec: decode [µs]", "2 ± 5 %", "met       djsession / Django = 0.100, goal ≤ 0.3", "not met   djsession = 2.000, goal ≤ 1"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
}

func TestNotMeasured(t *testing.T) {
	row := results(t).Rows[0]
	row.Goals = []measure.Goal{{Of: "djsession", Against: "floor", AtMost: 1.25}, {Of: "floor", AtLeast: 2}}
	text := Text(row)
	for _, want := range []string{"not met   djsession / floor not measured, goal ≤ 1.25", "not met   floor not measured, goal ≥ 2"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
}

// TestWrite: the page keeps its text, the table comes from the figures in the file, and the
// chart has the rows that were compared with Django.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	page := filepath.Join(dir, "benchmarks.md")
	if err := os.WriteFile(page, []byte("before\n"+begin+"old\n"+end+"after\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, results(t)); err != nil {
		t.Fatal(err)
	}
	text := read(t, page)
	if !strings.HasPrefix(text, "before\n"+begin) || !strings.HasSuffix(text, end+"after\n") || strings.Contains(text, "old") {
		t.Errorf("%s", text)
	}
	for _, want := range []string{
		"2 goals met, 1 not met",
		"| decode | µs | djsession **2** ± 5 %<br>Django **20** ± 5 % | djsession / Django = 0.100, goal ≤ 0.3: **met**<br>djsession = 2.000, goal ≤ 1: **not met** |",
		"djsession / Django = 12.3, goal ≥ 10: **met**",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
	compare(t, dir)
	if chart := read(t, filepath.Join(dir, "benchmarks.svg")); !strings.Contains(chart, ">decode</text>") {
		t.Errorf("%s", chart)
	}
	if err := os.WriteFile(page, []byte("no markers"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, results(t)); err == nil {
		t.Error("a page without markers is no error")
	}
}

// TestPage: the page of the documentation shows the figures in its file.
func TestPage(t *testing.T) { compare(t, "../../docs") }

func compare(t *testing.T, dir string) {
	t.Helper()
	var r Results
	if err := json.Unmarshal([]byte(read(t, filepath.Join(dir, "benchmarks.json"))), &r); err != nil {
		t.Fatal(err)
	}
	page := read(t, filepath.Join(dir, "benchmarks.md"))
	if renewed, err := replace(page, Markdown(r)); err != nil || renewed != page {
		t.Errorf("benchmarks.md is not what benchmarks.json says: %v", err)
	}
	if r.Quick {
		t.Error("benchmarks.json is of a quick run")
	}
}

// TestChart: what is faster is to the right, whether the unit is one of time or of speed.
func TestChart(t *testing.T) {
	names, all := compared(results(t).Rows)
	if len(names) != 2 || names[0] != "read" || all[0].name != "djsession" {
		t.Fatalf("%v, %v", names, all)
	}
	dots := all[0].dots
	if len(dots) != 2 || math.Abs(dots[0].X-10) > 0.01 || dots[0].Y != 1 || math.Abs(dots[1].X-12.35) > 0.01 || dots[1].Y != 0 {
		t.Errorf("%v", dots)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
