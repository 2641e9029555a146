package torture

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// countUp has all goroutines of all processes increment one counter.
func countUp(t *testing.T, a *arena) {
	a.refresh(t)
	orders := a.orders(counting)
	for i := range orders {
		orders[i].Increments = current.increments / len(orders)
	}
	counting := start(t, orders...)
	began := time.Now()
	for _, p := range counting {
		p.begin(t)
	}
	var slowest time.Duration
	for _, p := range counting {
		p.wait(t)
		slowest = max(slowest, slices.Max(append(p.took, 0)))
		if p.failed > 0 {
			t.Errorf("%s: %d updates failed; its log:\n%s", p.order.Name, p.failed, tailOf(p.log))
		}
	}
	lasted := time.Since(began)
	if v := a.verify(t, nil); v.counted != current.increments {
		t.Errorf("the counter is at %d, not at %d", v.counted, current.increments)
	} else {
		a.add(t, manyCounters, fmt.Sprintf("%s in %.1f s, the slowest in %.1f s", thousands(v.counted), lasted.Seconds(), slowest.Seconds()))
	}
}
