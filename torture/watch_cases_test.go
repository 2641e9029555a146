package torture

import "testing"

func TestWatch(t *testing.T) {
	type result struct{ lost, absent, impossible int }
	everywhere := func(int) bool { return true }
	for name, c := range map[string]struct {
		do   func(w *watch)
		want result
	}{
		"nothing is lost": {func(w *watch) {
			w.acknowledge(write{0, "g0", 1}, 0)
			w.acknowledge(write{0, "g0", 3}, 1)
			w.acknowledge(write{1, "g0", 4}, 0)
			w.see(0, w.expect(0), map[string]int{"g0": 3})
			w.see(0, w.expect(0), map[string]int{"g0": 5}) // an unknown outcome
		}, result{}},
		"a writer finds its write lost": {func(w *watch) {
			w.acknowledge(write{0, "g0", 2}, 0)
			w.acknowledge(write{0, "g0", 3}, 1)
		}, result{lost: 1}},
		"a reader finds it, as often as it likes": {func(w *watch) {
			w.acknowledge(write{0, "g0", 2}, 0)
			w.see(0, w.expect(0), map[string]int{})
			w.see(0, w.expect(0), map[string]int{"g0": 1})
		}, result{lost: 1}},
		"the load began before": {func(w *watch) {
			least := w.expect(0)
			w.acknowledge(write{0, "g0", 2}, 0)
			w.see(0, least, map[string]int{})
		}, result{}},
		"a number nobody has written yet": {func(w *watch) { w.acknowledge(write{0, "g0", 2}, 2) }, result{impossible: 1}},
		"the session has gone":            {func(w *watch) { w.miss(0) }, result{absent: 1}},
		"the counter is right": {func(w *watch) {
			w.counted("g0", 1)
			w.uncounted("g0", true)
			w.counted("g0", 3)
			w.uncounted("g0", true)
			w.uncounted("g0", false)
			w.counted("g0", 4)
			w.uncounted("g0", true)
			w.counted("g1", 1)
			w.total(6, map[string]int{"g0": 5, "g1": 1})
		}, result{}},
		"an increment is stored twice": {func(w *watch) { w.counted("g0", 2) }, result{impossible: 1}},
		"an increment is lost": {func(w *watch) {
			w.counted("g0", 1)
			w.counted("g0", 1)
		}, result{impossible: 1}},
		"one that had failed is stored": {func(w *watch) {
			w.uncounted("g0", false)
			w.counted("g0", 2)
		}, result{impossible: 1}},
		"the last one is lost": {func(w *watch) {
			w.counted("g0", 1)
			w.total(0, map[string]int{})
		}, result{impossible: 1}},
		"the counter is not the sum": {func(w *watch) {
			w.counted("g0", 1)
			w.total(2, map[string]int{"g0": 1})
		}, result{impossible: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWatch(2)
			c.do(w)
			if got := (result{w.lostIn(ofGo, everywhere), w.absent, w.impossible}); got != c.want {
				t.Errorf("got %+v, want %+v; %v", got, c.want, w.evidence)
			}
		})
	}
}
