package torture

import (
	"fmt"
	"path"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// engine returns our engine for Django that keeps sessions where the arena's are, or "" if there
// is none.
func (a *arena) engine() string {
	if a.place.Kind == files {
		return ""
	}
	return "djsession" + path.Ext(a.place.engine(a.database != nil))
}

// withEngine: with our engine Django overwrites nothing, neither Go's values nor its own. verify fails
// the test for everything that was lost.
func withEngine(t *testing.T, a *arena) {
	v, _, _ := a.everybody(t, a.engineHands(a.workers), current.engine)
	a.add(t, engineLost, share(v.lost()+sum(v.overwritten), v.all()))
	a.saveCosts(t)
}

// countTogether has all goroutines of all Go processes and all Django workers increment one counter.
func countTogether(t *testing.T, a *arena) {
	a.refresh(t)
	each := current.together
	orders := a.orders(counting)
	for i := range orders {
		orders[i].Increments = each / len(orders)
	}
	goes := start(t, orders...)
	type counted struct {
		Counted []int          `json:"counted"`
		Failed  map[string]int `json:"failed"`
	}
	reports, errs := make([]counted, len(a.workers)), make([]error, len(a.workers))
	done := make(chan struct{})
	for i, w := range a.workers {
		args := testenv.Args{"settings": map[string]any{"SESSION_ENGINE": a.engine()}, "session_key": a.counter, "name": fmt.Sprint("e", i), "times": each / len(a.workers)}
		go func() {
			errs[i] = w.Call("count_up", args, &reports[i])
			done <- struct{}{}
		}()
	}
	for _, p := range goes {
		p.begin(t)
	}
	for range a.workers {
		<-done
	}
	want := each / len(a.workers) * len(a.workers)
	for _, p := range goes {
		p.wait(t)
		want += p.order.Increments
		if p.failed > 0 {
			t.Errorf("%s: %d updates failed; its log:\n%s", p.order.Name, p.failed, tailOf(p.log))
		}
	}
	for i, r := range reports {
		if errs[i] != nil || len(r.Failed) > 0 {
			t.Errorf("Django worker %d: %v, and failed with %v", i, errs[i], r.Failed)
		}
		for _, own := range r.Counted {
			a.watch.counted(fmt.Sprint("e", i), own)
		}
	}
	if v := a.verify(t, nil); v.counted != want {
		t.Errorf("the counter is at %d, not at %d", v.counted, want)
	} else {
		a.add(t, engineCounter, share(v.counted, want))
	}
}

// saveCosts measures, side by side, what a request that changes its session costs Django with its own
// engine and with ours.
func (a *arena) saveCosts(t *testing.T) {
	t.Helper()
	type cost struct {
		Queries int     `json:"queries"`
		Micros  float64 `json:"micros"`
	}
	a.refresh(t)
	costs := testenv.Ask[[]cost](t, a.workers[0], "save_costs", testenv.Args{
		"engines": []string{a.place.engine(a.database != nil), a.engine()}, "session_keys": a.keys[:2], "times": current.saves})
	own, ours := costs[0], costs[1]
	text := fmt.Sprintf("%.2f times as long", ours.Micros/own.Micros)
	if a.database != nil {
		text += fmt.Sprintf(", %d queries and %d", ours.Queries, own.Queries)
	}
	a.add(t, engineCost, text)
}
