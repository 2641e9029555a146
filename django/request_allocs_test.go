//go:build !race

// Under the race detector sync.Pool drops some of what it holds, so that allocations cannot be counted.

package django_test

import "testing"

func TestRequestAllocations(t *testing.T) {
	for _, c := range requestCases(t) {
		if n := testing.AllocsPerRun(200, c.serve); n > c.allocs {
			t.Errorf("%s: %v allocations, want %v at most", c.name, n, c.allocs)
		}
	}
}
