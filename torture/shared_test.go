package torture

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/testenv"
)

// asItComes: all write without locks, and Go overwrites nothing.
func asItComes(t *testing.T, a *arena) {
	lasting := current.shared
	switch {
	case a.pooled:
		lasting = current.pooled
	case a.report == &caches:
		lasting = current.cached
	}
	v, took, rejected := a.everybody(t, hands(a.workers, ""), lasting)
	slices.Sort(took)
	a.add(t, goPerSecond, perSecond(v.acknowledged[ofGo], lasting))
	a.add(t, djangoPerSecond, perSecond(v.acknowledged[ofDjango], lasting))
	a.add(t, latency, fmt.Sprintf("%s / %s", milliseconds(quantile(took, 0.5)), milliseconds(quantile(took, 0.99))))
	a.add(t, goRejected, share(rejected, v.acknowledged[ofGo]+rejected))
	a.add(t, goLostToGo, share(v.lostToGo[ofGo], v.alone))
	a.add(t, djangoLostToGo, share(v.lostToGo[ofDjango], v.acknowledged[ofDjango]))
	if a.watch != nil {
		a.add(t, goExposed, percentage(v.overwritten[ofGo], v.exposed))
		a.add(t, compared, thousands(a.watch.compared))
		return // it is not known what Django overwrote of its own
	}
	if a.place.Kind != "" {
		a.add(t, outdated, share(v.outdated, len(a.keys)))
	}
	a.add(t, goOverwritten, percentage(v.overwritten[ofGo], v.acknowledged[ofGo]))
	a.add(t, missingShared, share(v.missing, v.all()))
	a.add(t, djangoOverwritten, percentage(v.overwritten[ofDjango], v.acknowledged[ofDjango]))
}

// lockedByDjango: with the documented snippet Django overwrites nothing either. SQLite
// has no row locks; there Django must begin every transaction as one that writes.
func lockedByDjango(t *testing.T, a *arena) {
	workers := a.workers
	if a.database.Vendor == testenv.SQLiteVendor {
		if !a.newest.AtLeast(5, 1) {
			t.Skipf("%s has no transaction_mode for SQLite", a.newest)
		}
		workers = a.djangos(t, current.spares, map[string]any{
			"OPTIONS": map[string]any{"timeout": 30, "transaction_mode": "IMMEDIATE"}})
	}
	snippet, err := filepath.Abs("../docs/snippets/locked_session.py")
	if err != nil {
		t.Fatal(err)
	}
	v, _, _ := a.everybody(t, hands(workers, snippet), current.locked)
	overwritten := v.overwritten[ofGo] + v.overwritten[ofDjango]
	if overwritten > 0 {
		t.Errorf("Django overwrote %d values, %d of them Go's, with locked_session", overwritten, v.overwritten[ofGo])
	}
	a.add(t, lockedOverwritten, share(overwritten, v.all()))
}

// maxRejected is the share of the writes that may fail on a healthy database, because the
// machine is too busy to serve so many in time.
const maxRejected = 0.01

// everybody runs all writers for some time and audits their writes. It returns how long
// Go's writes took, and how many were rejected.
func (a *arena) everybody(t *testing.T, writers []hand, lasting time.Duration) (v verdict, took []time.Duration, rejected int) {
	t.Helper()
	a.refresh(t)
	orders := a.orders(writing)
	if !full() { // of the few writes of a short run, one that is too late is too many
		for i := range orders {
			orders[i].Timeout = writePatience
		}
	}
	processes := start(t, orders...)
	for _, p := range processes {
		p.begin(t)
	}
	hammering := a.hammer(t, writers)
	stop := a.read(t)
	time.Sleep(lasting)
	stop()
	byDjango := hammering.stop()
	hammering.check(t)
	acknowledged := byDjango.acknowledged
	for _, p := range processes {
		p.end(t)
		acknowledged = append(acknowledged, p.stored...)
		took = append(took, p.took...)
		rejected += p.failed
		if p.anonymous > 0 {
			t.Errorf("%s: %d times the visitor was anonymous", p.order.Name, p.anonymous)
		}
		if tooMany(p.failed, len(p.stored)) {
			t.Errorf("%s: %d writes failed and %d did not; its log:\n%s", p.order.Name, p.failed, len(p.stored), tailOf(p.log))
		}
	}
	v = a.verify(t, acknowledged)
	a.checkCounts(t, v, byDjango.counts)
	answered := v.acknowledged[ofDjango] + v.acknowledged[ofEngine]
	for kind, n := range byDjango.failed {
		if tooMany(n, answered) {
			t.Errorf("%d of Django's requests failed with %s, and %d did not", n, kind, answered)
		}
	}
	if v.acknowledged[ofGo] == 0 || answered == 0 {
		t.Errorf("Go wrote %d times and Django %d", v.acknowledged[ofGo], answered)
	}
	return v, took, rejected
}

func tooMany(failed, done int) bool { return float64(failed) > maxRejected*float64(failed+done) }
