//go:build !race

// The race detector makes a hash many times as slow, and there is nothing for it to see.

package hashers

import (
	"sync"
	"testing"

	"github.com/djsession/djsession/fixtures"
)

func djangos() []string { return fixtures.Versions() }

// TestWhatDjangoSaysAtDefaultCost checks one hash for each set of default parameters.
func TestWhatDjangoSaysAtDefaultCost(t *testing.T) {
	var seen sync.Map
	forEachDjango(t, func(t *testing.T, version string, passwords []fixtures.Password) {
		for _, p := range passwords {
			if !ofDefaultCost(p) {
				continue
			}
			if _, found := seen.LoadOrStore(p.Preferred, nil); found {
				continue
			}
			if got := check(t, hashersOf(t, version, p), p.Password, p.Encoded); got != (Result{OK: true}) {
				t.Errorf("%s: %+v: %q", p.Name, got, p.Encoded)
			}
		}
	})
}
