package requests

import (
	"fmt"
	"os"
	"testing"

	"github.com/djsession/djsession/bench/measure"
	"github.com/djsession/djsession/bench/report"
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

// Every row of the suite is measured, for a moment only, and every response is right.
func TestSuite(t *testing.T) {
	if os.Getenv("DJSESSION_MATRIX") != "full" {
		t.Skip("it takes long: set DJSESSION_MATRIX=full")
	}
	env := &measure.Env{Dir: t.TempDir(), Quick: true, Versions: map[string]string{}, Log: t.Logf}
	for _, d := range testenv.Djangos(t) {
		if d.Name == "5.2" {
			d.Executable(t) // skips the test where it is missing
			env.Django = d
		}
	}
	rows, err := Suite(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		t.Log(report.Text(row))
	}
}
