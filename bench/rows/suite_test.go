package rows

import (
	"os"
	"testing"

	"github.com/djsession/djsession/bench/measure"
	"github.com/djsession/djsession/bench/report"
	"github.com/djsession/djsession/internal/testenv"
)

// Every row of the suite is measured, with a small table.
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
