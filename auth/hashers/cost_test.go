//go:build !race

// The race detector makes a hash many times as slow, and there is nothing for it to see.

package hashers

import (
	"sync"
	"testing"
	"time"

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

// TestHardening takes the time of the missing iterations and rounds.
func TestHardening(t *testing.T) {
	for algorithm, tt := range map[string]struct{ weak, strong Parameters }{
		"pbkdf2_sha256": {PBKDF2SHA256{1}, PBKDF2SHA256{50_000}},
		"bcrypt":        {BCrypt{4}, BCrypt{7}},
	} {
		hashers := func(p Parameters) *Hashers {
			o := preferring(algorithm, "")
			o.Parameters = map[string]Parameters{algorithm: p}
			return mustNew(t, o)
		}
		weak, strong := hashers(tt.weak), hashers(tt.strong)
		encoded := mustMake(t, weak, testPassword)
		took := func(h *Hashers, password, encoded string) time.Duration {
			best := time.Hour
			for range 3 {
				start := time.Now()
				check(t, h, password, encoded)
				best = min(best, time.Since(start))
			}
			return best
		}
		right, wrong := took(strong, testPassword, encoded), took(strong, "wrong", encoded)
		full := took(strong, "wrong", mustMake(t, strong, testPassword))
		if wrong < 4*right || wrong < full/2 {
			t.Errorf("%s: %v for a wrong password, %v for the right one, %v for a hash of today", algorithm, wrong, right, full)
		}
		// A hash that costs more than those of today has nothing to catch up.
		if took(weak, "wrong", mustMake(t, strong, testPassword)) < full/2 {
			t.Errorf("%s: a strong hash took less than %v", algorithm, full/2)
		}
	}
}
