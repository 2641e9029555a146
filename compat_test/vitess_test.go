package compat

import (
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// TestVitess runs the checks of sessions with the newest Django on a Vitess of two shards. The key of
// Django's session table distributes its rows, and Django itself moves a session by INSERT and
// DELETE.
func TestVitess(t *testing.T) {
	testenv.MatrixOnly(t)
	checkSessions(t, newCell(t, testenv.NewestDjango(t), servers.Vitess(t), nil, nil))
}
