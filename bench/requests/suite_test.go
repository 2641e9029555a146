package requests

import (
	"fmt"
	"os"
	"testing"

	"github.com/djsession/djsession/bench/smoke"
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
func TestSuite(t *testing.T) { smoke.Run(t, Suite) }
