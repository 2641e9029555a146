package compat

import (
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// TestVitess runs the checks of sessions with the newest Django on a Vitess of two shards. The key of
// Django's session table distributes its rows, and Django itself moves a session by INSERT and
// DELETE.
func TestVitess(t *testing.T) {
	if !full {
		t.Skip("it takes long: set DJSESSION_MATRIX=full")
	}
	c := newCell(t, testenv.NewestDjango(t), servers.Vitess(t), nil, nil)
	for _, check := range []struct {
		name string
		run  func(*testing.T, *cell)
	}{
		{"Django writes, Go reads", djangoWrites},
		{"Go changes one key", goChangesOneKey},
		{"Go creates", goCreates},
		{"both write at once", bothWrite},
		{"logout on either side", logout},
		{"key cycled on either side", cycleKey},
		{"clearsessions", clearSessions},
		{"expiry", expiry},
		{"locked session", locked},
	} {
		t.Run(check.name, func(t *testing.T) { check.run(t, c) })
	}
}
