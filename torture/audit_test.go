package torture

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// by is the key in the session that names its last writer. Our engine writes "e0/7" with its seventh
// number, so that each of its writes is told from the one before.
const by = "by"

// A write is a writer's number in one of the shared sessions.
type write struct {
	session int
	writer  string
	number  int
}

// A state is a session's dict: JSON by key.
type state map[string]string

// A side is Go, Django, or Django with our engine.
type side int

const (
	nobody side = iota // a key that no writer may touch
	ofGo
	ofDjango
	ofEngine
	sides
)

// sideOf returns the side of a writer by its name: "g0.3" is a goroutine of Go's, "d2" a Django worker,
// "e2" one with our engine.
func sideOf(writer string) side {
	switch {
	case strings.HasPrefix(writer, "g"):
		return ofGo
	case strings.HasPrefix(writer, "d"):
		return ofDjango
	case strings.HasPrefix(writer, "e"):
		return ofEngine
	}
	return nobody
}

// An audit follows the sessions from state to state and counts lost values.
type audit struct {
	states []state
	writes map[write]bool // every write that was stored

	stored       [sides]int // writes by side
	lostToGo     [sides]int // values that Go overwrote, by the side that wrote them
	lostToEngine [sides]int // the same by Django with our engine
	overwritten  [sides]int // the same by Django
	broken       int        // steps that no writer may make

	evidence []string // the first few errors
}

func newAudit(sessions int) *audit {
	return &audit{states: make([]state, sessions), writes: map[write]bool{}}
}

const mostEvidence = 3

func (a *audit) testify(format string, args ...any) {
	if len(a.evidence) < mostEvidence {
		a.evidence = append(a.evidence, fmt.Sprintf(format, args...))
	}
}

// begin records a session's first state.
func (a *audit) begin(session int, first state) { a.states[session] = first }

// remove records that a session was deleted, which no writer does.
func (a *audit) remove(session int) {
	a.broken++
	a.testify("session %d was deleted", session)
}

// advance records a session's next state.
func (a *audit) advance(session int, next state) {
	old := a.states[session]
	a.states[session] = next
	if len(next) > 0 && maps.Equal(old, next) {
		return // a new expiry, or a save of what was stored already
	}
	writer, err := strconv.Unquote(next[by])
	writer, _, _ = strings.Cut(writer, "/")
	if err != nil || sideOf(writer) == nobody || next[writer] == "" {
		a.broken++
		a.testify("session %d was written by an unknown writer: %s", session, difference(old, next))
		return
	}
	was, _ := strconv.Atoi(old[writer])
	number, err := strconv.Atoi(next[writer])
	// Each of Django's requests has a new number. Go and our engine may repeat a write whose outcome was unknown.
	if err != nil || number < was || number == was && sideOf(writer) == ofDjango {
		a.broken++
		a.testify("session %d: %s did not write a newer number: %s", session, writer, difference(old, next))
	}
	if w := (write{session, writer, number}); !a.writes[w] {
		a.writes[w] = true
		a.stored[sideOf(writer)]++
	}
	for key := range changed(old, next) {
		if key == by || key == writer {
			continue
		}
		switch victim := sideOf(key); {
		case sideOf(writer) == ofGo:
			a.lostToGo[victim]++
			a.testify("session %d: %s changed %s: %s", session, writer, key, difference(old, next))
		case sideOf(writer) == ofEngine:
			a.lostToEngine[victim]++
			a.testify("session %d: %s changed %s: %s", session, writer, key, difference(old, next))
		case victim == nobody:
			a.broken++
			a.testify("session %d: %s changed %s: %s", session, writer, key, difference(old, next))
		case wentBack(old[key], next[key]):
			a.overwritten[victim]++
		}
	}
}

// missing returns the writes that are not on the trail.
func (a *audit) missing(acknowledged []write) []write {
	return slices.DeleteFunc(slices.Clone(acknowledged), func(w write) bool { return a.writes[w] })
}

// wentBack reports whether a writer's number is missing or lower.
func wentBack(old, next string) bool {
	was, _ := strconv.Atoi(old)
	now, _ := strconv.Atoi(next) // 0 if there is none
	return now < was
}

// changed returns the keys whose values differ.
func changed(old, next state) map[string]bool {
	keys := map[string]bool{}
	for key, v := range old {
		if next[key] != v {
			keys[key] = true
		}
	}
	for key, v := range next {
		if old[key] != v {
			keys[key] = true
		}
	}
	return keys
}

// difference shows what changed. All names and values are the tests' numbers, except the
// payload, which is left out.
func difference(old, next state) string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(changed(old, next))) {
		if key != by && sideOf(key) == nobody {
			fmt.Fprintf(&b, "[%s changed] ", key)
			continue
		}
		fmt.Fprintf(&b, "[%s: %s, then %s] ", key, orNone(old[key]), orNone(next[key]))
	}
	return strings.TrimSuffix(b.String(), " ")
}

func orNone(v string) string {
	if v == "" {
		return "none"
	}
	return v
}
