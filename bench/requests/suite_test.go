package requests

import (
	"fmt"
	"os"
	"testing"

	"github.com/djsession/djsession/bench/measure"
	"github.com/djsession/djsession/internal/testenv"
)

// The servers are this program, as they are the bench program otherwise.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		if err := Serve(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// Every row of the suite is measured, for a moment only, and every response is right. With
// BENCH_FULL=1 it takes as long as in the report.
func TestSuite(t *testing.T) {
	t.Chdir("../..") // where the Djangos are listed
	djangos, err := testenv.ReadDjangos()
	if err != nil {
		t.Skip(err)
	}
	env := &measure.Env{Dir: t.TempDir(), Quick: os.Getenv("BENCH_FULL") == "", Log: t.Logf}
	for _, d := range djangos {
		if d.Name == "5.2" && d.Missing == "" {
			env.Django = d
		}
	}
	if env.Django.Name == "" {
		t.Skip("Django 5.2 is not set up")
	}
	rows, err := Suite(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		for _, v := range r.Variants {
			t.Logf("%-60s %-22s %10.1f %s", r.Name, v.Name, v.Median(), r.Unit)
		}
		for _, g := range r.Goals {
			t.Logf("%-60s %s / %s: %.3f (>= %g, <= %g)", r.Name, g.Of, g.Against, r.Value(g), g.AtLeast, g.AtMost)
		}
	}
}
