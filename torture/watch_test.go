package torture

import (
	"fmt"
	"maps"
	"sync"
)

// A watch audits sessions in a cache, which keeps no trail. Every writer says which number
// of its own it found in the session when it wrote, and readers load all the time. Each must
// find at least the number that was acknowledged before.
type watch struct {
	mu         sync.Mutex
	least      []map[string]int // by session, each writer's last acknowledged number
	lost       map[write]bool   // acknowledged writes that a later load did not find
	counter    int              // its last value
	tallies    map[string]*tally
	compared   int // numbers that were compared
	absent     int // loads that did not find the session
	impossible int
	evidence   []string // the first few errors
}

func newWatch(sessions int) *watch {
	w := &watch{least: make([]map[string]int, sessions), lost: map[write]bool{}, tallies: map[string]*tally{}}
	for i := range w.least {
		w.least[i] = map[string]int{}
	}
	return w
}

func (w *watch) testify(format string, args ...any) {
	if len(w.evidence) < mostEvidence {
		w.evidence = append(w.evidence, fmt.Sprintf(format, args...))
	}
}

// acknowledge notes that a write was acknowledged, which found its writer's number was.
func (w *watch) acknowledge(one write, was int) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.compare(one.session, one.writer, w.least[one.session][one.writer], was)
	if was >= one.number {
		w.impossible++
		w.testify("session %d: %s found %d before it wrote %d", one.session, one.writer, was, one.number)
	}
	w.least[one.session][one.writer] = max(w.least[one.session][one.writer], one.number)
}

// compare notes a write as lost if a load that began after it shows a lower number.
func (w *watch) compare(session int, writer string, acknowledged, shown int) {
	w.compared++
	one := write{session, writer, acknowledged}
	if shown < acknowledged && !w.lost[one] {
		w.lost[one] = true
		w.testify("session %d: %s's %d was acknowledged, then it was %d", session, writer, acknowledged, shown)
	}
}

// expect returns what a load of the session that begins now must show at least.
func (w *watch) expect(session int) map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.least[session])
}

// see compares a session with what it must show at least.
func (w *watch) see(session int, least, shown map[string]int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for writer, number := range least {
		w.compare(session, writer, number, shown[writer])
	}
}

// miss notes that a session was not found.
func (w *watch) miss(session int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.absent++
	w.testify("session %d was not found", session)
}

// lostIn returns how many acknowledged writes of a side were lost in the sessions that in
// selects.
func (w *watch) lostIn(of side, in func(session int) bool) int {
	n := 0
	for one := range w.lost {
		if sideOf(one.writer) == of && in(one.session) {
			n++
		}
	}
	return n
}

// A tally is one writer's increments of the counter. The session holds how many of them are
// stored, so that the next shows what has become of those whose outcome was unknown.
type tally struct {
	acknowledged int
	stored       int // of all, those that are known to be stored
	unknown      int // the outcomes since
}

// counted notes that an increment was acknowledged, which is the writer's own-th that is
// stored.
func (w *watch) counted(writer string, own int) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.tally(writer)
	t.acknowledged++
	w.settle(writer, t, own, t.stored+1)
}

// uncounted notes that an increment failed, perhaps with an unknown outcome.
func (w *watch) uncounted(writer string, unknown bool) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if t := w.tally(writer); unknown {
		t.unknown++
	}
}

func (w *watch) tally(writer string) *tally {
	t := w.tallies[writer]
	if t == nil {
		t = &tally{}
		w.tallies[writer] = t
	}
	return t
}

// settle notes how many of a writer's increments are stored: at least so many, and at most
// those and the ones whose outcome was unknown.
func (w *watch) settle(writer string, t *tally, stored, least int) {
	w.compared++
	if stored < least || stored > least+t.unknown {
		w.impossible++
		w.testify("%s has %d increments stored, and not %d to %d", writer, stored, least, least+t.unknown)
	}
	t.stored, t.unknown = stored, 0
}

// total compares the counter at the end with what each writer has stored.
func (w *watch) total(counter int, own map[string]int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counter = counter
	sum := 0
	for writer, t := range w.tallies {
		w.settle(writer, t, own[writer], t.stored)
		sum += own[writer]
	}
	if counter != sum {
		w.impossible++
		w.testify("the counter is at %d, and its writers have stored %d increments", counter, sum)
	}
}
