package torture

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// A hand is a Django worker that writes to the shared sessions.
type hand struct {
	worker  *testenv.Worker
	snippet string // path of the locked_session that it writes with, or ""
	engine  string // our engine that it writes with instead of Django's, or ""
	through detour // the way to the place of the sessions, if it is not the straight one
}

// hands are workers that write with Django's engine, with the locked_session of a file if one is named.
func hands(workers []*testenv.Worker, snippet string) []hand {
	all := make([]hand, len(workers))
	for i, w := range workers {
		all[i] = hand{worker: w, snippet: snippet}
	}
	return all
}

// engineHands are workers that write with our engine.
func (a *arena) engineHands(workers []*testenv.Worker) []hand {
	all := hands(workers, "")
	for i := range all {
		all[i].engine = a.engine()
	}
	return all
}

// mixed are workers of which every other one writes with our engine, if there is one.
func (a *arena) mixed(workers []*testenv.Worker) []hand {
	all := hands(workers, "")
	for i := 0; i < len(all); i += 2 {
		all[i].engine = a.engine()
	}
	return all
}

// hammered is a Django worker's report.
type hammered struct {
	Acknowledged [][3]int       `json:"acknowledged"` // a session's index, a number and the one before
	Counted      [][2]*int      `json:"counted"`      // a number and the worker's own increments, nil if it failed
	Failed       map[string]int `json:"failed"`       // exceptions by class
}

// A hammering is a group of Django workers that write to the shared sessions.
type hammering struct {
	until   string
	watch   *watch
	working sync.WaitGroup
	names   []string
	offsets []int // of the sessions that each writes to
	results []hammered
	errs    []error
}

// hammer has Django workers write until stop is called. In a cache each that writes with Django's
// engine has a session of its own, and those that write with ours share the others.
func (a *arena) hammer(t *testing.T, all []hand) *hammering {
	t.Helper()
	h := &hammering{
		until: filepath.Join(t.TempDir(), "over"), watch: a.watch, names: make([]string, len(all)),
		offsets: make([]int, len(all)), results: make([]hammered, len(all)), errs: make([]error, len(all)),
	}
	a.hammered = 0
	for i, one := range all {
		if h.names[i] = fmt.Sprint("d", i); one.engine != "" {
			h.names[i] = fmt.Sprint("e", i)
		} else if a.watch != nil {
			h.offsets[i] = a.hammered
			a.hammered++
		}
	}
	for i, one := range all {
		keys := a.keys
		if a.watch != nil && one.engine != "" {
			h.offsets[i] = a.hammered
			keys = keys[a.hammered:]
		} else if a.watch != nil {
			keys = keys[h.offsets[i] : h.offsets[i]+1]
		}
		args := testenv.Args{"session_keys": keys, "until": h.until, "snippet": one.snippet, "rest": current.rest.Seconds(), "name": h.names[i]}
		if one.engine != "" {
			args["engine"], args["counter"] = one.engine, a.counter
			args["database"], args["caches"] = one.through.database, one.through.caches
		}
		h.working.Go(func() { h.errs[i] = one.worker.Call("hammer", args, &h.results[i]) })
	}
	t.Cleanup(func() { // otherwise the workers would not end
		_ = os.WriteFile(h.until, nil, 0o644)
		h.working.Wait()
	})
	return h
}

// A struck is what Django's workers have done.
type struck struct {
	acknowledged []write
	counts       map[string]bool // increments, and whether they were acknowledged
	failed       map[string]int  // requests by kind
}

// stop ends the writing.
func (h *hammering) stop() struck {
	_ = os.WriteFile(h.until, nil, 0o644)
	h.working.Wait()
	s := struck{counts: map[string]bool{}, failed: map[string]int{}}
	for i, r := range h.results {
		for _, one := range r.Acknowledged {
			w := write{h.offsets[i] + one[0], h.names[i], one[1]}
			s.acknowledged = append(s.acknowledged, w)
			h.watch.acknowledge(w, one[2])
		}
		for _, one := range r.Counted {
			s.counts[fmt.Sprint(h.names[i], " ", *one[0])] = one[1] != nil
			if one[1] != nil {
				h.watch.counted(h.names[i], *one[1])
			} else {
				h.watch.uncounted(h.names[i], true)
			}
		}
		for kind, n := range r.Failed {
			s.failed[kind] += n
		}
	}
	return s
}

// check fails the test if a worker could not report.
func (h *hammering) check(t *testing.T) {
	t.Helper()
	for _, err := range h.errs {
		if err != nil {
			t.Error(err)
		}
	}
}

// checkCounts compares increments with those that are stored. One that was not acknowledged may be
// stored, but none is stored twice, or without being sent. The watch of a cache has counted them.
func (a *arena) checkCounts(t *testing.T, v verdict, counts map[string]bool) {
	t.Helper()
	if a.watch != nil {
		return
	}
	for request, acknowledged := range counts {
		if n := v.countedFor[request]; n > 1 || acknowledged && n == 0 {
			t.Errorf("an increment was stored %d times; acknowledged: %t", n, acknowledged)
		}
	}
	for request := range v.countedFor {
		if _, sent := counts[request]; !sent {
			t.Error("an increment was stored that nobody sent")
		}
	}
}
