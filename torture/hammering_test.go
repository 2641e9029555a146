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
	Acknowledged [][2]int       `json:"acknowledged"` // a session's index and a number
	Failed       map[string]int `json:"failed"`       // exceptions by class
}

// A hammering is a group of Django workers that write to the shared sessions.
type hammering struct {
	until   string
	working sync.WaitGroup
	results []hammered
	errs    []error
}

// hammer has Django workers write, with the locked_session of a file if one is named,
// until stop is called.
func (a *arena) hammer(t *testing.T, workers []*testenv.Worker, snippet string) *hammering {
	t.Helper()
	h := &hammering{
		until:   filepath.Join(t.TempDir(), "over"),
		results: make([]hammered, len(workers)), errs: make([]error, len(workers)),
	}
	args := testenv.Args{"session_keys": a.keys, "until": h.until, "snippet": snippet, "rest": current.rest.Seconds()}
	for i, w := range workers {
		own := maps.Clone(args)
		own["name"] = fmt.Sprint("d", i)
		h.working.Go(func() { h.errs[i] = w.Call("hammer", own, &h.results[i]) })
	}
	t.Cleanup(func() { _, _ = h.stop() }) // otherwise the workers would not end
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
