package rows

import (
	"testing"

	"github.com/djsession/djsession/bench/smoke"
)

// Every row of the suite is measured, with a small table.
func TestSuite(t *testing.T) { smoke.Run(t, Suite) }
