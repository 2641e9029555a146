// Package smoke runs suites for a moment, in tests.
package smoke

import (
	"os"
	"testing"

	"github.com/djsession/djsession/bench/measure"
	"github.com/djsession/djsession/bench/report"
	"github.com/djsession/djsession/internal/testenv"
)

// Run runs a suite that needs servers, if DJSESSION_MATRIX is full, and logs its rows. An error of
// the suite fails the test.
func Run(t *testing.T, suite measure.Suite) {
	t.Helper()
	if os.Getenv("DJSESSION_MATRIX") != "full" {
		t.Skip("it takes long: set DJSESSION_MATRIX=full")
	}
	env := &measure.Env{Dir: t.TempDir(), Django: Django(t), Quick: true, Versions: map[string]string{}, Log: t.Logf}
	rows, err := suite(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		t.Log(report.Text(row))
	}
}

// Django returns the Django of the benchmarks, or skips the test where it is missing.
func Django(t *testing.T) testenv.Django {
	t.Helper()
	for _, d := range testenv.Djangos(t) {
		if d.Name == measure.DjangoSeries {
			d.Executable(t)
			return d
		}
	}
	t.Fatalf("Django %s is not among those that are set up", measure.DjangoSeries)
	return testenv.Django{}
}
