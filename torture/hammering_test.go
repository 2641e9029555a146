package torture

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// hammered is a Django worker's report.
type hammered struct {
	Acknowledged [][3]int       `json:"acknowledged"` // a session's index, a number and the one before
	Failed       map[string]int `json:"failed"`       // exceptions by class
}

// A hammering is a group of Django workers that write to the shared sessions.
type hammering struct {
	until   string
	watch   *watch
	working sync.WaitGroup
	results []hammered
	errs    []error
}

// hammer has Django workers write, with the locked_session of a file if one is named,
// until stop is called. In a cache each has a session of its own.
func (a *arena) hammer(t *testing.T, workers []*testenv.Worker, snippet string) *hammering {
	t.Helper()
	h := &hammering{
		until:   filepath.Join(t.TempDir(), "over"),
		results: make([]hammered, len(workers)), errs: make([]error, len(workers)), watch: a.watch,
	}
	args := testenv.Args{"session_keys": a.keys, "until": h.until, "snippet": snippet, "rest": current.rest.Seconds()}
	if a.watch != nil {
		a.hammered = len(workers)
	}
	for i, w := range workers {
		own := maps.Clone(args)
		if a.watch != nil {
			own["session_keys"] = a.keys[i : i+1]
		}
		own["name"] = fmt.Sprint("d", i)
		h.working.Go(func() { h.errs[i] = w.Call("hammer", own, &h.results[i]) })
	}
	t.Cleanup(func() { // otherwise the workers would not end
		_ = os.WriteFile(h.until, nil, 0o644)
		h.working.Wait()
	})
	return h
}

// stop ends the writing. It returns the acknowledged writes and the number of failed
// requests by kind.
func (h *hammering) stop() (acknowledged []write, failed map[string]int) {
	_ = os.WriteFile(h.until, nil, 0o644)
	h.working.Wait()
	failed = map[string]int{}
	for i, r := range h.results {
		for _, one := range r.Acknowledged {
			acknowledged = append(acknowledged, write{one[0], fmt.Sprint("d", i), one[1]})
			if h.watch != nil {
				acknowledged[len(acknowledged)-1].session = i
				h.watch.acknowledge(acknowledged[len(acknowledged)-1], one[2])
			}
		}
		for kind, n := range r.Failed {
			failed[kind] += n
		}
	}
	return acknowledged, failed
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
